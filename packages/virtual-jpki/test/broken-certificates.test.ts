import { generateKeyPairSync, X509Certificate } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { x509 } from '../src/certificate/x509.ts'
import {
  createVirtualJpki,
  encodeName,
  KEY_ALGORITHMS,
  OID,
  unknownExtension,
  type CertificateOverrides,
  type IssueOrder,
  type VirtualJpki,
} from '../src/index.ts'
import { askOcsp, seeOcspAnswer } from './ask-ocsp.ts'
import { createOpensslBench, type OpensslBench } from './run-openssl.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

/** That what is ordered to be broken is broken there, and nowhere else. */
let bench: OpensslBench
let jpki: VirtualJpki
let anchors: string
beforeAll(async () => {
  bench = createOpensslBench()
  jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
  anchors = bench.certificate('anchors', ...jpki.anchors.authentication.map(({ der }) => der))
})
afterAll(() => bench.remove())

async function verdict(overrides: CertificateOverrides, order: IssueOrder = {}): Promise<string> {
  const { certificateDer } = await jpki.issueAuthenticationCertificate({ label: 'broken', ...order, overrides })
  const leaf = bench.certificate('broken', certificateDer)
  const { output } = await bench.run(
    'verify',
    '-x509_strict',
    '-auth_level',
    '2',
    '-purpose',
    'sslclient',
    '-CAfile',
    anchors,
    leaf,
  )
  return output
}

test('without overrides, nothing is broken', async () => {
  expect(await verdict({})).toMatch(/: OK\n/)
})

describe('openssl finds what was broken', () => {
  const years = (offset: number): Date => new Date(Date.UTC(new Date().getUTCFullYear() + offset, 0, 1))
  test.each<[string, CertificateOverrides, RegExp]>([
    ['a corrupted signature', { corruptSignature: true }, /certificate signature failure/],
    [
      'a signature by another key',
      { signingKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey },
      /certificate signature failure/,
    ],
    ['an end in the past', { notAfter: years(-1) }, /certificate has expired/],
    ['a beginning in the future', { notBefore: years(2) }, /certificate is not yet valid/],
    [
      'another issuer name',
      {
        issuerNameDer: encodeName([
          ['C', 'JP'],
          ['O', 'JPKI'],
        ]),
      },
      /unable to get local issuer/,
    ],
    ['an unknown critical extension', { addExtensions: [unknownExtension(true)] }, /unhandled critical extension/],
    ['serverAuth instead of clientAuth', { extendedKeyUsage: [OID.serverAuth] }, /unsuitable certificate purpose/],
    [
      'keyEncipherment instead of digitalSignature',
      { keyUsage: ['keyEncipherment'] },
      /unsuitable certificate purpose/,
    ],
    ['an EC key', { keyAlgorithm: 'ec-p384' }, /: OK\n/],
    ['a 1024 bit key', { keyAlgorithm: 'rsa-1024' }, /key too weak/],
    ['an inner algorithm unlike the outer', { outerSignatureAlgorithm: 'sha384WithRSA' }, /error/],
    ['MD5', { signatureAlgorithm: 'md5WithRSA' }, /too weak/],
    ['SHA-1', { signatureAlgorithm: 'sha1WithRSA' }, /too weak/],
    ['no extensions at all', { editExtensions: () => [] }, /error/],
    ['cut off', { editDer: (der) => der.subarray(0, -1) }, /Could not read|unable to load/i],
  ])('%s', async (_name, overrides, finding) => {
    expect(await verdict(overrides)).toMatch(finding)
  })
})

describe('one override changes one thing', () => {
  const read = async (overrides: CertificateOverrides): Promise<x509.X509Certificate> => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ label: 'one thing', overrides })
    return new x509.X509Certificate(certificateDer)
  }
  const oidsOf = (certificate: x509.X509Certificate): readonly string[] =>
    certificate.extensions.map(({ type }) => type)

  test.each<[string, CertificateOverrides, string]>([
    ['keyUsage', { keyUsage: 'absent' }, OID.keyUsage],
    ['extendedKeyUsage', { extendedKeyUsage: 'absent' }, OID.extendedKeyUsage],
    ['certificatePolicies', { certificatePolicies: 'absent' }, OID.certificatePolicies],
  ])('%s absent', async (_name, overrides, oid) => {
    const [whole, without] = [await read({}), await read(overrides)]
    expect(oidsOf(without)).toEqual(oidsOf(whole).filter((known) => known !== oid))
  })

  test.each<[string, CertificateOverrides, string]>([
    ['keyUsage', { keyUsageCritical: false }, OID.keyUsage],
    ['certificatePolicies', { certificatePoliciesCritical: false }, OID.certificatePolicies],
  ])('%s not critical', async (_name, overrides, oid) => {
    expect((await read({})).getExtension(oid)?.critical).toBe(true)
    expect((await read(overrides)).getExtension(oid)?.critical).toBe(false)
  })

  test.each([
    ['another policy', [OID.signaturePolicy]],
    ['two policies', [OID.authenticationPolicy, OID.signaturePolicy]],
  ])('%s', async (_name, certificatePolicies) => {
    const certificate = await read({ certificatePolicies })
    expect(certificate.getExtension(x509.CertificatePolicyExtension)?.policies).toEqual(certificatePolicies)
  })

  test('a leaf that claims to be a CA', async () => {
    const certificate = await read({ basicConstraints: { ca: true, pathLength: 0 }, keyUsage: ['keyCertSign'] })
    expect(certificate.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0 })
  })

  test('an extension that stands twice', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({
      overrides: { editExtensions: (extensions) => extensions.flatMap((one) => [one, one]) },
    })
    const text = await bench.run('x509', '-noout', '-text', '-in', bench.certificate('twice', certificateDer))
    expect(text.output.match(/X509v3 Key Usage/g)).toHaveLength(2)
  })

  test.each([
    ['negative', -5n, '-5 (-0x5)'],
    ['zero', 0n, '0 (0x0)'],
    ['of 21 octets', 2n ** 160n + 1n, '01:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01'],
  ])('a serial number that is %s', async (_name, serialNumber, shown) => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ overrides: { serialNumber } })
    const file = bench.certificate('serial', certificateDer)
    expect((await bench.run('x509', '-noout', '-text', '-in', file)).output).toContain(shown)
  })

  test('version 1', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({
      overrides: { version: 1, editExtensions: () => [] },
    })
    const file = bench.certificate('version', certificateDer)
    expect((await bench.run('x509', '-noout', '-text', '-in', file)).output).toContain('Version: 1 (0x0)')
  })

  test('times as GeneralizedTime before 2050', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ overrides: { timeEncoding: 'generalized' } })
    expect(certificateDer.includes(Buffer.from('180f32', 'hex'))).toBe(true)
  })

  test('any element of TBSCertificate may be replaced', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({
      overrides: { editTbs: (parts) => ({ ...parts, subject: Buffer.from('3000', 'hex') }) },
    })
    expect(new X509Certificate(certificateDer).subject).toBeFalsy()
  })

  test('a public key that belongs to nobody', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
    const publicKeyDer = publicKey.export({ format: 'der', type: 'spki' })
    const issued = await jpki.issueAuthenticationCertificate({ overrides: { publicKeyDer } })
    const certificate = new X509Certificate(issued.certificateDer)
    expect(certificate.publicKey.export({ format: 'der', type: 'spki' })).toEqual(publicKeyDer)
    expect(certificate.checkPrivateKey(issued.privateKey)).toBe(false)
  })

  test('octets behind the certificate', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({
      overrides: { editDer: (der) => Buffer.concat([der, Buffer.alloc(4)]) },
    })
    expect(certificateDer.subarray(-4)).toEqual(Buffer.alloc(4))
  })

  test.each(KEY_ALGORITHMS)('key %s', async (keyAlgorithm) => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'keys', overrides: { keyAlgorithm } })
    expect(new X509Certificate(issued.certificateDer).checkPrivateKey(issued.privateKey)).toBe(true)
  })
})

describe('other CAs', () => {
  test.each([
    ['ec-p384', 'ecdsa-with-SHA384'],
    ['ec-p256', 'ecdsa-with-SHA256'],
    ['ed25519', 'ED25519'],
    ['rsa-4096', 'sha256WithRSAEncryption'],
  ] as const)('%s signs with %s', async (keyAlgorithm, algorithm) => {
    const authority = await jpki.makeCertificateAuthority({
      name: `next-${keyAlgorithm}`,
      purpose: 'authentication',
      overrides: { keyAlgorithm },
    })
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ authority })
    const leaf = bench.certificate('leaf', certificateDer)
    const ca = bench.certificate('ca', authority.certificateDer)
    expect(await bench.run('verify', '-CAfile', ca, leaf)).toMatchObject({ status: 0 })
    expect((await bench.run('x509', '-noout', '-text', '-in', leaf)).output).toContain(algorithm)
    const list = bench.file('next.crl', await jpki.crl({ authority }))
    const checked = await bench.run('crl', '-inform', 'DER', '-in', list, '-noout', '-CAfile', ca)
    expect(checked.output).toContain('verify OK')
  })

  test.each([
    [undefined, 6, []],
    [true, 0, ['good']],
  ])('OCSP answers for them only when so ordered: %s', async (servedByOcsp, responseStatus, statuses) => {
    const order = { name: `asked-about-${String(servedByOcsp)}`, purpose: 'authentication', servedByOcsp } as const
    const authority = await jpki.makeCertificateAuthority({ ...order, overrides: { keyAlgorithm: 'ec-p384' } })
    const { serialNumber } = await jpki.issueAuthenticationCertificate({ authority })
    const body = await jpki.respondOcsp(askOcsp(authority, [serialNumber]))
    const seen = seeOcspAnswer(body)
    expect([seen.responseStatus, seen.singles.map(({ status }) => status)]).toEqual([responseStatus, statuses])
    const ca = bench.certificate('asked', authority.certificateDer)
    const checked = await bench.run('ocsp', '-respin', bench.file('asked.der', body), '-CAfile', ca)
    expect(checked.output.includes('Response verify OK')).toBe(responseStatus === 0)
  })

  test('RSASSA-PSS is encoded as openssl reads it', async () => {
    expect(await verdict({ signatureAlgorithm: 'sha256WithRSAPSS' })).toMatch(/: OK\n/)
  })

  test('a name makes a key: two CAs of one DN are strangers to each other', async () => {
    const order = { purpose: 'authentication' } as const
    const one = await jpki.makeCertificateAuthority({ ...order, name: 'one' })
    const other = await jpki.makeCertificateAuthority({ ...order, name: 'other' })
    expect(other.nameDer).toEqual(one.nameDer)
    expect(other.keyId).not.toEqual(one.keyId)
  })

  test('a broken anchor: no keyCertSign', async () => {
    const { certificateDer } = await jpki.makeCertificateAuthority({
      name: 'useless',
      purpose: 'authentication',
      overrides: { keyUsage: ['digitalSignature'] },
    })
    expect(new x509.X509Certificate(certificateDer).getExtension(x509.KeyUsagesExtension)?.usages).toBe(1)
  })
})

describe('the registry', () => {
  test('knows what was issued, with status and predecessor', async () => {
    const older = await jpki.issueAuthenticationCertificate({ label: 'renewed', authority: 2 })
    const newer = await jpki.issueAuthenticationCertificate({
      label: 'renewed again',
      previous: { authority: older.authority, serialNumber: older.serialNumber },
    })
    jpki.revoke(older, 'superseded')
    expect(jpki.registry.find(newer.authority, newer.serialNumber)?.previous?.serialNumber).toBe(older.serialNumber)
    expect(jpki.registry.find(older.authority, older.serialNumber)?.status).toMatchObject({ reason: 'superseded' })
  })

  test('a certificate that was never issued cannot be revoked', () => {
    expect(() => jpki.revoke({ authority: 'authentication-3', serialNumber: 1n })).toThrow(RangeError)
  })
})
