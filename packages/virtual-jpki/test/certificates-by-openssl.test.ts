import { createHash, X509Certificate } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createVirtualJpki, type VirtualJpki } from '../src/index.ts'
import { createOpensslBench, type OpensslBench } from './run-openssl.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

const now = (): Date => new Date()

let bench: OpensslBench
let jpki: VirtualJpki
/** All three generations, as a verifier keeps them. */
let anchors: string
beforeAll(async () => {
  bench = createOpensslBench()
  jpki = await createVirtualJpki({ now, cacheDirectory: VIRTUAL_KEYS })
  anchors = bench.certificate('anchors', ...jpki.anchors.authentication.map(({ der }) => der))
})
afterAll(() => bench.remove())

async function verify(persona: string): Promise<{ status: number; output: string }> {
  const { authentication } = await jpki.card(persona)
  return bench.run(
    'verify',
    '-x509_strict',
    '-CAfile',
    anchors,
    bench.certificate(persona, authentication.certificateDer),
  )
}

describe('openssl verify refuses', () => {
  test.each([
    ['expired', 'certificate has expired'],
    ['not-yet-valid', 'certificate is not yet valid'],
    ['unknown-ca', 'unable to get local issuer certificate'],
    ['signing-certificate', 'unable to get local issuer certificate'],
  ])('%s: %s', async (persona, complaint) => {
    const { status, output } = await verify(persona)
    expect(output).toContain(complaint)
    expect(status).not.toBe(0)
  })

  test('a leaf of the stranger also when it is given the stranger as an untrusted intermediate', async () => {
    const { authentication } = await jpki.card('unknown-ca')
    const stranger = bench.certificate('stranger', authentication.caCertificateDer)
    const leaf = bench.certificate('unknown-ca', authentication.certificateDer)
    const { status } = await bench.run('verify', '-CAfile', anchors, '-untrusted', stranger, leaf)
    expect(status).not.toBe(0)
    // … and it is a real certificate of a real CA, which only nobody trusts.
    expect((await bench.run('verify', '-CAfile', stranger, leaf)).status).toBe(0)
  })

  test('a leaf of the first generation: that CA has expired', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ authority: 1 })
    const { output } = await bench.run('verify', '-CAfile', anchors, bench.certificate('first', certificateDer))
    expect(output).toContain('error 10 at 1 depth lookup: certificate has expired')
  })
})

describe('openssl verify accepts', () => {
  test.each(['taro', 'hanako', 'revoked', 'one-try-left', 'pin-locked'])('%s', async (persona) => {
    expect(await verify(persona)).toMatchObject({ status: 0 })
  })

  test('signature certificates under the signature CAs', async () => {
    const signatureAnchors = bench.certificate('signature-anchors', ...jpki.anchors.signature.map(({ der }) => der))
    const { signature } = await jpki.card('hanako')
    const leaf = bench.certificate('hanako-signature', signature.certificateDer)
    expect(await bench.run('verify', '-x509_strict', '-CAfile', signatureAnchors, leaf)).toMatchObject({ status: 0 })
  })
})

describe('openssl x509 -text shows', () => {
  test('the user-authentication profile', async () => {
    const { authentication } = await jpki.card('taro')
    const file = bench.certificate('text', authentication.certificateDer)
    const { output } = await bench.run('x509', '-in', file, '-noout', '-text', '-nameopt', 'sep_comma_plus,utf8')
    for (const line of [
      'Version: 3 (0x2)',
      'Signature Algorithm: sha256WithRSAEncryption',
      'Issuer: C=JP,O=JPKI-VIRTUAL,OU=JPKI for user authentication,OU=Virtual Agency for Local Authority Information Systems',
      'Public-Key: (2048 bit)',
      'Exponent: 65537 (0x10001)',
      'Policy: 1.2.392.200149.8.5.1.3.30',
      'CPS: http://www.jpki.go.jp/cps.html',
      'TLS Web Client Authentication',
      'OU = CRL Distribution Points, OU = Kakuu-ken, CN = Sekisho-shi CRLDP',
      'OCSP - URI:http://virtual-jpki.invalid/ocsp',
    ]) {
      expect(output).toContain(line)
    }
    expect(output).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/)
    expect(output).toMatch(/X509v3 Certificate Policies: critical/)
    expect(output).toMatch(/Authority Key Identifier:\s+keyid:[0-9A-F:]{59}\s+DirName:.*\s+serial:06:D1:90:01/)
    expect(output).not.toContain('Basic Constraints')
    expect(output).not.toContain('Subject Alternative Name')
  })

  test('the holder in a signature certificate', async () => {
    const { signature } = await jpki.card('taro')
    const file = bench.certificate('holder', signature.certificateDer)
    const { output } = await bench.run('x509', '-in', file, '-noout', '-text')
    expect(output).toContain('othername: 1.2.392.200149.8.5.5.1::関所　太郎')
    expect(output).toContain('1.2.392.200149.8.5.5.5::架空県関所市本町一丁目１番１号')
    expect(output).toMatch(/Key Usage: critical\s+Digital Signature, Non Repudiation\n/)
  })
})

describe('personas', () => {
  test('are the seventeen that were agreed, each with what its log-in must end with', () => {
    expect(jpki.personas.map(({ name, expectedCode }) => [name, expectedCode])).toEqual([
      ['taro', undefined],
      ['hanako', undefined],
      ['expired', 'CERT_EXPIRED'],
      ['not-yet-valid', 'CERT_NOT_YET_VALID'],
      ['revoked', 'CERT_REVOKED'],
      ['unknown-ca', 'CERT_UNTRUSTED_ISSUER'],
      ['signing-certificate', 'CERT_WRONG_PURPOSE'],
      ['one-try-left', undefined],
      ['pin-locked', 'PIN_BLOCKED'],
      ['taro-renewed', undefined],
      ['taro-renewed-twice', undefined],
      ['taro-phone', undefined],
      ['lost-and-reissued', undefined],
      ['deceased', 'CERT_REVOKED'],
      ['chain-loop', 'LINK_CHAIN_LOOP'],
      ['chain-too-long', 'LINK_CHAIN_TOO_LONG'],
      ['linkage-down', 'LINK_SERVICE_UNAVAILABLE'],
    ])
    for (const { description } of jpki.personas) {
      expect(description.ja).toMatch(/カード/)
      expect(description.en).toMatch(/card|slot/)
    }
  })

  test('have the PIN 1234 and the tries that their names say', async () => {
    const tries: Record<string, number> = {}
    for (const { name } of jpki.personas) {
      const { authentication, signature } = await jpki.card(name)
      expect([authentication.pin, signature.pin, signature.triesLeft]).toEqual(['1234', 'ABC123', 5])
      tries[name] = authentication.triesLeft
      const certificate = new X509Certificate(authentication.certificateDer)
      expect(certificate.checkPrivateKey(authentication.privateKey)).toBe(true)
      expect(new X509Certificate(signature.certificateDer).checkPrivateKey(signature.privateKey)).toBe(true)
      expect(certificate.verify(new X509Certificate(authentication.caCertificateDer).publicKey)).toBe(true)
    }
    expect(tries).toMatchObject({ taro: 3, hanako: 3, 'one-try-left': 1, 'pin-locked': 0 })
  })

  test('an unknown name is a RangeError', async () => {
    await expect(jpki.card('jiro')).rejects.toThrow(RangeError)
  })

  test('have keys and serial numbers of their own', async () => {
    const cards = await Promise.all(jpki.personas.map(({ name }) => jpki.card(name)))
    const leaves = cards.flatMap(({ authentication, signature }) => [authentication, signature])
    const digests = leaves.map(({ certificateDer }) => createHash('sha256').update(certificateDer).digest('hex'))
    // signing-certificate carries the same certificate in both slots.
    expect(new Set(digests).size).toBe(leaves.length - 1)
    const numbers = jpki.registry.list().map(({ serialNumber }) => serialNumber)
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  test.each(['2024-02-29T12:00:00Z', '2027-01-01T00:00:00Z', '2030-12-31T23:59:59Z', '2038-06-01T00:00:00Z'])(
    'made at %s they mean the same',
    async (madeAt) => {
      const at = new Date(madeAt)
      const then = await createVirtualJpki({ now: () => at, cacheDirectory: VIRTUAL_KEYS })
      const validAt = (der: Uint8Array): 'early' | 'valid' | 'late' => {
        const { validFrom, validTo } = new X509Certificate(der)
        if (at < new Date(validFrom)) return 'early'
        return at > new Date(validTo) ? 'late' : 'valid'
      }
      expect(then.anchors.authentication.map(({ der }) => validAt(der))).toEqual(['late', 'valid', 'valid'])
      for (const { name } of then.personas) {
        const { authentication } = await then.card(name)
        const expected = name === 'expired' ? 'late' : name === 'not-yet-valid' ? 'early' : 'valid'
        expect([name, validAt(authentication.certificateDer)]).toEqual([name, expected])
        const leaf = new X509Certificate(authentication.certificateDer)
        const ca = new X509Certificate(authentication.caCertificateDer)
        expect(new Date(leaf.validFrom) > new Date(ca.validFrom)).toBe(true)
        expect(new Date(leaf.validTo) < new Date(ca.validTo)).toBe(true)
      }
    },
  )
})
