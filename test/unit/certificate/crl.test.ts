import { CRL_MISBEHAVIOURS, type CrlMisbehaviour, type CrlOrder, type VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { acceptCrl, type AcceptedCrl } from '../../../src/certificate/revocation/crl/accept-crl.ts'
import { createCrlShelf, type CrlShelf } from '../../../src/certificate/revocation/crl/crl-shelf.ts'
import { createCrlSource } from '../../../src/certificate/revocation/crl/create-crl-source.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { questionAbout, statusOf } from '../../support/certificate/question.ts'

let jpki: VirtualJpki
let anchors: TrustAnchors

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
})

async function accept(order: CrlOrder): Promise<AcceptedCrl> {
  const crl = acceptCrl(await jpki.crl(order), anchors.authentication)
  if (typeof crl === 'string') throw new Error(crl)
  return crl
}

/** A shelf after one list was offered to it, as the keeper does. */
async function shelfWith(order: CrlOrder, shelf: CrlShelf = createCrlShelf()): Promise<CrlShelf> {
  const crl = acceptCrl(await jpki.crl(order), anchors.authentication)
  shelf.reportFault(typeof crl === 'string' ? crl : shelf.offer(crl))
  return shelf
}

const sourceWith = (shelf: CrlShelf, at = A_DAY) => createCrlSource({ name: 'list', shelf, now: () => at })

const OUTCOMES = [
  ['expired', 'crl-expired', 'REV_CRL_EXPIRED'],
  ['future', 'crl-from-the-future', 'REV_CRL_FROM_THE_FUTURE'],
  ['next-update-absent', 'crl-malformed', 'REV_CRL_MALFORMED'],
  ['number-absent', 'crl-malformed', 'REV_CRL_MALFORMED'],
  ['wrong-issuer', 'crl-wrong-issuer', 'REV_CRL_WRONG_ISSUER'],
  ['sibling-issuer', 'crl-missing', 'REV_CRL_MISSING'],
  ['wrong-signer', 'crl-bad-signature', 'REV_CRL_BAD_SIGNATURE'],
  ['bad-signature', 'crl-bad-signature', 'REV_CRL_BAD_SIGNATURE'],
  ['sha1-signature', 'crl-weak-algorithm', 'REV_CRL_WEAK_ALGORITHM'],
  ['delta', 'crl-delta', 'REV_CRL_DELTA'],
  ['unknown-critical-extension', 'crl-unknown-extension', 'REV_CRL_UNKNOWN_EXTENSION'],
  ['unknown-critical-entry-extension', 'crl-unknown-extension', 'REV_CRL_UNKNOWN_EXTENSION'],
  ['indirect', 'crl-wrong-scope', 'REV_CRL_WRONG_SCOPE'],
  ['other-distribution-point', 'crl-wrong-scope', 'REV_CRL_WRONG_SCOPE'],
  ['truncated', 'crl-malformed', 'REV_CRL_MALFORMED'],
  ['trailing-octets', 'crl-malformed', 'REV_CRL_MALFORMED'],
  ['garbage', 'crl-malformed', 'REV_CRL_MALFORMED'],
  ['empty-body', 'crl-malformed', 'REV_CRL_MALFORMED'],
] as const satisfies readonly (readonly [CrlMisbehaviour, string, string])[]

/** Over HTTP, or in tests of their own below and in test/integration. */
const ELSEWHERE: readonly CrlMisbehaviour[] = [
  'rolled-back',
  'huge',
  'oversized',
  'slow',
  'dripping',
  'http-500',
  'wrong-content-type',
  'redirect',
]

test('every misbehaviour of the virtual publisher is in the table, or has a test of its own', () => {
  expect([...OUTCOMES.map(([name]) => name), ...ELSEWHERE].toSorted()).toEqual(CRL_MISBEHAVIOURS.toSorted())
})

test.each(OUTCOMES)('attack 34: %s is %s, and the log-in is refused with %s', async (misbehaviour, cause, code) => {
  // something must be revoked for an entry to be wrong
  await jpki.issueAuthenticationCertificate({
    label: 'somebody else',
    status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' },
  })
  const issued = await jpki.issueAuthenticationCertificate({ label: 'looked up' })
  const revocation = sourceWith(await shelfWith({ misbehaviour }))
  expect(statusOf(await revocation.check(questionAbout(issued, anchors)))).toBe(cause)
  expect(outcomeOf(await judgeResponse(issued, { anchors, revocation }))).toBe(code)
})

describe('attack 34: the number never goes back', () => {
  test('a list with an older number is not taken; the one in use stays, and what it revoked stays revoked', async () => {
    const issued = await jpki.issueAuthenticationCertificate({
      label: 'revoked, then forgotten',
      status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' },
    })
    const question = questionAbout(issued, anchors)
    const shelf = await shelfWith({})
    expect(statusOf(await sourceWith(shelf).check(question))).toBe('revoked')
    await shelfWith({ misbehaviour: 'rolled-back' }, shelf)
    expect(shelf.fault).toBe('crl-rolled-back')
    expect(statusOf(await sourceWith(shelf).check(question))).toBe('revoked')
  })

  test('not over a restart either', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'after a restart' })
    const before = await shelfWith({})
    const after = await shelfWith({ misbehaviour: 'rolled-back' }, createCrlShelf(before.numbers()))
    const revocation = sourceWith(after)
    expect(statusOf(await revocation.check(questionAbout(issued, anchors)))).toBe('crl-rolled-back')
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation }))).toBe('REV_CRL_ROLLED_BACK')
  })

  test('the same number from an earlier hour is older, the same list again is not', async () => {
    const shelf = createCrlShelf()
    const number = 7n
    const earlier = await accept({ overrides: { number, thisUpdate: new Date(A_DAY.getTime() - 3_600_000) } })
    const later = await accept({ overrides: { number } })
    expect(shelf.offer(later)).toBeUndefined()
    expect(shelf.offer(later)).toBeUndefined()
    expect(shelf.offer(earlier)).toBe('crl-rolled-back')
  })

  test('each generation counts for itself', async () => {
    const shelf = createCrlShelf()
    expect(shelf.offer(await accept({ generation: 3, overrides: { number: 100n } }))).toBeUndefined()
    expect(shelf.offer(await accept({ generation: 2, overrides: { number: 3n } }))).toBeUndefined()
    expect(Object.values(shelf.numbers())).toEqual([100n, 3n])
  })
})

test('attack 34: a list that names a certificate twice is refused, however far apart', async () => {
  const entry = (serialNumber: bigint) => ({ serialNumber, at: A_DAY, reason: 'superseded' as const })
  const between = Array.from({ length: 500 }, (_, index) => entry(BigInt(index + 10)))
  const der = await jpki.crl({ overrides: { entries: [entry(5n), ...between, entry(5n)] } })
  expect(acceptCrl(der, anchors.authentication)).toBe('crl-malformed')
})

describe('look-up', () => {
  test('what is listed is revoked, with time and reason; what is not, is good', async () => {
    const at = new Date('2026-10-01T00:00:00Z')
    const lost = await jpki.issueAuthenticationCertificate({
      label: 'lost',
      status: { status: 'revoked', at, reason: 'superseded' },
    })
    const kept = await jpki.issueAuthenticationCertificate({ label: 'kept' })
    const source = sourceWith(await shelfWith({ addEntries: 5000 }))
    expect(await source.check(questionAbout(lost, anchors))).toMatchObject({
      status: 'revoked',
      at,
      reason: 'superseded',
      method: 'crl',
    })
    expect(await source.check(questionAbout(kept, anchors))).toMatchObject({ status: 'good', checkedAt: A_DAY })
  })

  test('an empty list', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'when nobody was revoked' })
    const crl = await accept({ overrides: { entries: [] } })
    const shelf = createCrlShelf()
    shelf.offer(crl)
    expect(crl.entryCount).toBe(0)
    expect(statusOf(await sourceWith(shelf).check(questionAbout(issued, anchors)))).toBe('good')
  })

  test('what an expired list says was revoked, was revoked', async () => {
    const lost = await jpki.issueAuthenticationCertificate({
      label: 'lost',
      status: { status: 'revoked', at: A_DAY, reason: 'superseded' },
    })
    const shelf = await shelfWith({ misbehaviour: 'expired' })
    expect(statusOf(await sourceWith(shelf).check(questionAbout(lost, anchors)))).toBe('revoked')
  })

  test('the list of a municipality speaks for the certificates that name its distribution point', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'townsman' })
    const shelf = await shelfWith({ scope: 'municipality' })
    expect(statusOf(await sourceWith(shelf).check(questionAbout(issued, anchors)))).toBe('good')
    const stranger = await jpki.issueAuthenticationCertificate({
      label: 'without a town',
      overrides: { editExtensions: (list) => list.filter(({ oid }) => oid !== '2.5.29.31') },
    })
    expect(statusOf(await sourceWith(shelf).check(questionAbout(stranger, anchors)))).toBe('crl-wrong-scope')
  })

  test('no list at all', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'unlisted' })
    expect(statusOf(await sourceWith(createCrlShelf()).check(questionAbout(issued, anchors)))).toBe('crl-missing')
  })

  test('every serial number of a long list is found, and none that is not in it', async () => {
    const numbers = Array.from({ length: 3000 }, (_, index) => BigInt(index * index + 1) << BigInt(index % 120))
    const distinct = [...new Set(numbers)]
    const entries = distinct.map((serialNumber) => ({ serialNumber, at: A_DAY, reason: 'superseded' as const }))
    const shelf = createCrlShelf()
    shelf.offer(await accept({ overrides: { entries } }))
    const source = sourceWith(shelf)
    const template = questionAbout(await jpki.issueAuthenticationCertificate({ label: 'template' }), anchors)
    const statusOfNumber = async (number: bigint): Promise<string> => {
      const serialNumber = contentOf(number)
      return statusOf(await source.check({ ...template, certificate: { ...template.certificate, serialNumber } }))
    }
    for (const number of distinct) expect(await statusOfNumber(number)).toBe('revoked')
    const listed = new Set(distinct)
    for (const number of distinct) {
      if (!listed.has(number + 1n)) expect(await statusOfNumber(number + 1n)).toBe('good')
    }
  })
})

/** Content octets of a positive INTEGER. */
function contentOf(number: bigint): Uint8Array {
  const text = number.toString(16)
  const octets = Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex')
  return (octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), octets]) : octets
}
