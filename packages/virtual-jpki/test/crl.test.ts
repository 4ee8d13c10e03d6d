import { X509Certificate } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { x509 } from '../src/certificate/x509.ts'
import { encodeCrlEntry, encodeManyCrlEntries } from '../src/crl/encode-crl-entries.ts'
import { readChildren, readInteger } from '../src/der/read-der.ts'
import {
  createVirtualJpki,
  CRL_MISBEHAVIOURS,
  OID,
  REVOCATION_REASONS,
  type CrlMisbehaviour,
  type RevocationReason,
  type VirtualJpki,
} from '../src/index.ts'
import { createOpensslBench, type OpensslBench } from './run-openssl.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

let bench: OpensslBench
let jpki: VirtualJpki
let newestAnchor: string
beforeAll(async () => {
  bench = createOpensslBench()
  jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
  newestAnchor = bench.certificate('newest', jpki.authority('authentication', 3).certificateDer)
})
afterAll(() => bench.remove())

/** Value of the CRL number extension. */
const numberOf = (list: x509.X509Crl): string =>
  Buffer.from(list.getExtension(OID.crlNumber)?.value ?? new ArrayBuffer(0)).toString('hex')

async function verify(persona: string, crlDer: Uint8Array, ...args: readonly string[]): Promise<string> {
  const { authentication } = await jpki.card(persona)
  const leaf = bench.certificate(persona, authentication.certificateDer)
  const list = bench.file('list.crl', crlDer)
  const { output } = await bench.run('verify', '-CAfile', newestAnchor, '-crl_check', '-CRLfile', list, ...args, leaf)
  return output
}

describe('attack 34: on order, what openssl verify -crl_check refuses', () => {
  test.each<[CrlMisbehaviour, RegExp]>([
    ['expired', /CRL has expired/],
    ['future', /CRL is not yet valid/],
    ['wrong-issuer', /unable to get certificate CRL/],
    ['sibling-issuer', /unable to get certificate CRL/],
    ['wrong-signer', /CRL signature failure/],
    ['bad-signature', /CRL signature failure/],
    ['delta', /unable to get certificate CRL/],
    ['indirect', /unable to get certificate CRL/],
    ['unknown-critical-extension', /unhandled critical CRL extension/],
    ['unknown-critical-entry-extension', /unhandled critical CRL extension/],
    ['other-distribution-point', /different CRL scope/],
    ['truncated', /Could not read/],
    ['garbage', /Could not read/],
    ['empty-body', /Could not read/],
  ])('%s', async (misbehaviour, finding) => {
    const output = await verify('taro', await jpki.crl({ misbehaviour }))
    expect(output).toMatch(finding)
    expect(output).not.toMatch(/: OK\n/)
  })
})

describe('on order, what openssl lets pass', () => {
  const text = async (misbehaviour?: CrlMisbehaviour): Promise<string> => {
    const list = bench.file('text.crl', await jpki.crl(misbehaviour === undefined ? {} : { misbehaviour }))
    return (await bench.run('crl', '-inform', 'DER', '-in', list, '-noout', '-text')).output
  }
  const numberIn = (shown: string): bigint => BigInt(/X509v3 CRL Number: \s+(0x[0-9A-F]+|\d+)/.exec(shown)?.[1] ?? '-1')

  test('rolled-back: a smaller number, an older date, nobody revoked, genuinely signed', async () => {
    expect(numberIn(await text('rolled-back'))).toBeLessThan(numberIn(await text()))
    expect(await text('rolled-back')).toContain('No Revoked Certificates')
    expect(await verify('revoked', await jpki.crl({ misbehaviour: 'rolled-back' }))).toMatch(/: OK\n/)
  })

  test.each([
    ['next-update-absent', 'Next Update: NONE'],
    ['sha1-signature', 'Signature Algorithm: sha1WithRSAEncryption'],
  ] as const)('%s', async (misbehaviour, shown) => {
    expect(await text(misbehaviour)).toContain(shown)
  })

  test('number-absent', async () => {
    expect(await text('number-absent')).not.toContain('CRL Number')
  })

  test('every misbehaviour changes the answer, and none outlasts its order', async () => {
    for (const misbehaviour of CRL_MISBEHAVIOURS.filter((name) => name !== 'huge' && name !== 'oversized')) {
      const answer = await jpki.answerCrl({ misbehaviour })
      expect([misbehaviour, answer]).not.toEqual([misbehaviour, await jpki.answerCrl()])
    }
    expect(await verify('revoked', await jpki.crl())).toMatch(/certificate revoked/)
  })
})

describe('a base CRL', () => {
  test('openssl crl accepts its signature and shows issuer, AKI, number and reason', async () => {
    const list = bench.file('base.crl', await jpki.crl())
    const { status, output } = await bench.run(
      ...['crl', '-inform', 'DER', '-in', list, '-noout', '-text', '-CAfile', newestAnchor],
    )
    expect(status).toBe(0)
    expect(output).toContain('verify OK')
    expect(output).toContain('Version 2 (0x1)')
    expect(output).toContain('OU = Virtual Agency for Local Authority Information Systems')
    expect(output).toMatch(/X509v3 Authority Key Identifier: \s+[0-9A-F:]{59}/)
    expect(output).toMatch(/X509v3 CRL Number: \s+\d+/)
    expect(output).toMatch(/CRL entry extensions:\s+X509v3 CRL Reason Code: \s+Key Compromise/)
  })

  test.each([
    ['revoked', /error 23 at 0 depth lookup: certificate revoked/],
    ['taro', /: OK\n/],
    ['one-try-left', /: OK\n/],
  ])('openssl verify -crl_check %s', async (persona, verdict) => {
    expect(await verify(persona, await jpki.crl())).toMatch(verdict)
  })

  test.each([
    ['revoked', /certificate revoked/],
    ['taro', /: OK\n/],
  ])('with an issuing distribution point that fits the leaves: %s', async (persona, verdict) => {
    expect(await verify(persona, await jpki.crl({ scope: 'municipality' }))).toMatch(verdict)
  })

  test('each generation signs a list of its own, and each purpose', async () => {
    const numbers = async (order: Parameters<VirtualJpki['crl']>[0]): Promise<readonly string[]> =>
      new x509.X509Crl(await jpki.crl(order)).entries.map(({ serialNumber }) => serialNumber)
    expect(await numbers({ generation: 1 })).toEqual([])
    expect(await numbers({ generation: 2 })).toEqual([])
    const revoked = (authority: string): readonly string[] =>
      jpki.registry
        .list(authority)
        .filter(({ status }) => status.status === 'revoked')
        .map(({ serialNumber }) => serialNumber.toString(16).padStart(8, '0'))
    expect(revoked('authentication-3').length).toBeGreaterThan(2)
    expect(await numbers({ generation: 3 })).toEqual(revoked('authentication-3'))
    expect(revoked('signature-3')).toHaveLength(2)
    expect(await numbers({ purpose: 'signature' })).toEqual(revoked('signature-3'))
    for (const generation of [1, 2, 3] as const) {
      const list = new x509.X509Crl(await jpki.crl({ generation }))
      const { publicKey } = new X509Certificate(jpki.authority('authentication', generation).certificateDer)
      const der = publicKey.export({ format: 'der', type: 'spki' })
      expect(await list.verify({ publicKey: new x509.PublicKey(der) })).toBe(true)
    }
  })

  test('its number rises with time', async () => {
    let at = new Date('2026-11-22T00:00:00Z')
    const moving = await createVirtualJpki({ now: () => at, cacheDirectory: VIRTUAL_KEYS })
    const numberNow = async (): Promise<string> => numberOf(new x509.X509Crl(await moving.crl()))
    const first = await numberNow()
    at = new Date('2026-11-23T00:00:00Z')
    expect((await numberNow()) > first).toBe(true)
  })

  test('parts of it can be ordered', async () => {
    const number = 7n
    const nextUpdate = new Date('2049-01-01T00:00:00Z')
    const list = new x509.X509Crl(await jpki.crl({ overrides: { number, nextUpdate, entries: [] } }))
    expect(list.nextUpdate).toEqual(nextUpdate)
    expect(list.entries).toHaveLength(0)
    expect(numberOf(list)).toBe('020107')
  })

  test.each(Object.keys(REVOCATION_REASONS) as RevocationReason[])('openssl reads the reason %s', async (reason) => {
    const at = new Date('2026-01-02T03:04:05Z')
    const list = bench.file(
      'reason.crl',
      await jpki.crl({ overrides: { entries: [{ serialNumber: 9n, at, reason }] } }),
    )
    const { output } = await bench.run('crl', '-inform', 'DER', '-in', list, '-noout', '-text')
    const shown = /CRL Reason Code: \s+([A-Za-z ]+)\n/.exec(output)?.[1]?.replaceAll(' ', '').toLowerCase()
    expect(output).toContain('Revocation Date: Jan  2 03:04:05 2026 GMT')
    expect(shown).toBe(reason === 'unspecified' ? undefined : reason.toLowerCase())
  })
})

describe('a list of a million entries', () => {
  test('openssl accepts it; the revoked stay revoked and the good stay good', async () => {
    const huge = await jpki.crl({ misbehaviour: 'huge' })
    expect(huge.length).toBeGreaterThan(37_000_000)
    const list = bench.file('huge.crl', huge)
    const checked = await bench.run('crl', '-inform', 'DER', '-in', list, '-noout', '-CAfile', newestAnchor)
    expect(checked.output).toContain('verify OK')
    expect(await verify('taro', huge)).toMatch(/: OK\n/)
    expect(await verify('revoked', huge)).toMatch(/certificate revoked/)
  })

  test('entries made by copying are those made one by one, in rising order, and leave the good out', () => {
    const at = new Date('2026-11-22T00:00:00Z')
    const serialsOf = (entries: Buffer): readonly bigint[] =>
      readChildren(entries).map(({ content }) => readInteger(readChildren(content)[0]?.content ?? Buffer.alloc(0)))
    const all = encodeManyCrlEntries(1000, at, new Set())
    const serials = serialsOf(all)
    expect(new Set(serials).size).toBe(1000)
    expect(serials).toEqual(serials.toSorted((a, b) => (a < b ? -1 : 1)))
    const oneByOne = serials.map((serialNumber) => encodeCrlEntry({ serialNumber, at, reason: 'superseded' }))
    expect(all).toEqual(Buffer.concat(oneByOne))

    const good = serials[500] ?? 0n
    const without = serialsOf(encodeManyCrlEntries(1000, at, new Set([good])))
    expect(without).not.toContain(good)
    expect(without).toHaveLength(1000)
  })

  test('more than four octets can number is a RangeError', () => {
    expect(() => encodeManyCrlEntries(1_000_000_000_000, new Date(), new Set())).toThrow(RangeError)
  })
})
