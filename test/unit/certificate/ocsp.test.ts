import { randomBytes } from 'node:crypto'
import { OCSP_MISBEHAVIOURS, type OcspMisbehaviour, type VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { OCSP_ACCEPTANCE } from '../../../src/certificate/revocation/ocsp/accept-ocsp-answer.ts'
import { createOcspSource } from '../../../src/certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES, type OcspRules } from '../../../src/certificate/revocation/ocsp/ocsp-rules.ts'
import type { RevocationSource } from '../../../src/certificate/revocation/revocation-source.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { questionAbout, statusOf } from '../../support/certificate/question.ts'

let jpki: VirtualJpki
let anchors: TrustAnchors

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
})

const random = (octets: number): Uint8Array => randomBytes(octets)

function sourceThat(
  misbehaviour: OcspMisbehaviour | undefined,
  { rules = {}, at = A_DAY }: { rules?: Partial<OcspRules>; at?: Date } = {},
): RevocationSource {
  return createOcspSource({
    name: 'virtual',
    transport: { ask: (request) => jpki.respondOcsp(request, misbehaviour === undefined ? {} : { misbehaviour }) },
    rules: { ...DEFAULT_OCSP_RULES, ...rules },
    random,
    now: () => at,
  })
}

/** What becomes of each signed misbehaviour; those of the transport are in test/integration. */
const OUTCOMES = [
  ['wrong-signer', 'ocsp-wrong-signer', 'REV_OCSP_WRONG_SIGNER'],
  ['sibling-signer', 'ocsp-wrong-signer', 'REV_OCSP_WRONG_SIGNER'],
  ['non-delegated-signer', 'ocsp-signer-not-delegated', 'REV_OCSP_SIGNER_NOT_DELEGATED'],
  ['expired-signer', 'ocsp-signer-not-valid', 'REV_OCSP_SIGNER_NOT_VALID'],
  ['bad-signature', 'ocsp-bad-signature', 'REV_OCSP_BAD_SIGNATURE'],
  ['sha1-signature', 'ocsp-weak-algorithm', 'REV_OCSP_WEAK_ALGORITHM'],
  ['stale', 'ocsp-stale', 'REV_OCSP_STALE'],
  ['next-update-absent', 'ocsp-stale', 'REV_OCSP_STALE'],
  ['future', 'ocsp-from-the-future', 'REV_OCSP_FROM_THE_FUTURE'],
  ['nonce-mismatch', 'ocsp-nonce-mismatch', 'REV_OCSP_NONCE_MISMATCH'],
  ['replayed-good', 'ocsp-nonce-mismatch', 'REV_OCSP_NONCE_MISMATCH'],
  ['nonce-absent', 'ocsp-nonce-absent', 'REV_OCSP_NONCE_ABSENT'],
  ['two-single-responses', 'ocsp-several-answers', 'REV_OCSP_SEVERAL_ANSWERS'],
  ['no-single-response', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
  ['wrong-serial', 'ocsp-wrong-certificate', 'REV_OCSP_WRONG_CERTIFICATE'],
  ['wrong-cert-id', 'ocsp-wrong-certificate', 'REV_OCSP_WRONG_CERTIFICATE'],
  ['try-later', 'ocsp-try-later', 'REV_OCSP_TRY_LATER'],
  ['unauthorized', 'ocsp-unauthorized', 'REV_OCSP_UNAUTHORIZED'],
  ['internal-error', 'ocsp-internal-error', 'REV_OCSP_INTERNAL_ERROR'],
  ['malformed-request', 'ocsp-request-rejected', 'REV_OCSP_REQUEST_REJECTED'],
  ['sig-required', 'ocsp-request-rejected', 'REV_OCSP_REQUEST_REJECTED'],
  ['truncated', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
  ['trailing-octets', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
  ['garbage', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
  ['empty-body', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
  ['unknown', 'unknown', 'REV_UNKNOWN'],
] as const satisfies readonly (readonly [OcspMisbehaviour, string, string])[]

const ONLY_OVER_HTTP: readonly OcspMisbehaviour[] = [
  'oversized',
  'slow',
  'dripping',
  'http-500',
  'wrong-content-type',
  'redirect',
]

test('every misbehaviour of the virtual responder is in the table, or one of HTTP', () => {
  const known = [...OUTCOMES.map(([name]) => name), ...ONLY_OVER_HTTP]
  expect(known.toSorted()).toEqual(OCSP_MISBEHAVIOURS.toSorted())
})

test.each(OUTCOMES)('attack 33: %s is %s, and the log-in is refused with %s', async (misbehaviour, cause, code) => {
  const issued = await jpki.issueAuthenticationCertificate({ label: 'asked about' })
  const revocation = sourceThat(misbehaviour)
  expect(statusOf(await revocation.check(questionAbout(issued, anchors)))).toBe(cause)
  expect(outcomeOf(await judgeResponse(issued, { anchors, revocation }))).toBe(code)
})

test.each(OUTCOMES)(
  'attack 33: %s is never taken for good, even where unchecked certificates are allowed',
  async (misbehaviour) => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'asked about' })
    const revocation = sourceThat(misbehaviour)
    const judgement = await judgeResponse(issued, { anchors, revocation }, { revocationPolicy: 'allow-unchecked' })
    expect(outcomeOf(judgement)).toBe('unchecked')
    expect(judgement.checks.at(-1)).toEqual({ check: 'revocation', outcome: 'unchecked' })
  },
)

describe('attack 32: revoked', () => {
  test.each(['require-good', 'allow-unchecked'] as const)(
    'is refused whatever the policy: %s',
    async (revocationPolicy) => {
      const issued = await jpki.issueAuthenticationCertificate({
        label: 'revoked',
        status: { status: 'revoked', at: new Date('2026-10-01T00:00:00Z'), reason: 'keyCompromise' },
      })
      const judgement = await judgeResponse(
        issued,
        { anchors, revocation: sourceThat(undefined) },
        { revocationPolicy },
      )
      expect(outcomeOf(judgement)).toBe('CERT_REVOKED')
    },
  )

  test.each(['keyCompromise', 'superseded', 'certificateHold', 'unspecified'] as const)(
    'for the reason %s, and when',
    async (reason) => {
      const at = new Date('2026-10-01T00:00:00Z')
      const issued = await jpki.issueAuthenticationCertificate({
        label: 'why',
        status: { status: 'revoked', at, reason },
      })
      const answer = await sourceThat(undefined).check(questionAbout(issued, anchors))
      expect(answer).toMatchObject({ status: 'revoked', at, reason: reason === 'unspecified' ? undefined : reason })
    },
  )
})

describe('good', () => {
  test('with the time of the statement and how long it holds', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'good' })
    const answer = await sourceThat(undefined).check(questionAbout(issued, anchors))
    expect(answer).toEqual({
      status: 'good',
      method: 'ocsp',
      source: 'virtual',
      checkedAt: A_DAY,
      validUntil: new Date('2026-11-22T03:15:00Z'),
    })
  })

  test('for a certificate of another generation, whose delegate is another', async () => {
    const hanako = (await jpki.card('hanako')).authentication
    const source = sourceThat(undefined)
    expect(statusOf(await source.check(questionAbout(hanako, anchors)))).toBe('good')
    const taro = (await jpki.card('taro')).authentication
    expect(statusOf(await source.check(questionAbout(taro, anchors)))).toBe('good')
  })

  test('the second answer of a delegate that is known is verified as the first was', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'twice' })
    const question = questionAbout(issued, anchors)
    let misbehaviour: OcspMisbehaviour | undefined
    const source = createOcspSource({
      name: 'virtual',
      transport: { ask: (request) => jpki.respondOcsp(request, misbehaviour === undefined ? {} : { misbehaviour }) },
      rules: DEFAULT_OCSP_RULES,
      random,
      now: () => A_DAY,
    })
    expect(statusOf(await source.check(question))).toBe('good')
    misbehaviour = 'bad-signature'
    expect(statusOf(await source.check(question))).toBe('ocsp-bad-signature')
    misbehaviour = 'expired-signer'
    expect(statusOf(await source.check(question))).toBe('ocsp-signer-not-valid')
  })
})

describe('nonces (RFC 9654)', () => {
  test.each([
    ['required', undefined, 'good'],
    ['required', 'nonce-absent', 'ocsp-nonce-absent'],
    ['optional', undefined, 'good'],
    ['optional', 'nonce-absent', 'good'],
    ['optional', 'nonce-mismatch', 'ocsp-nonce-mismatch'],
    ['none', undefined, 'good'],
    ['none', 'nonce-mismatch', 'ocsp-nonce-mismatch'],
  ] as const)('%s, and the responder is %s: %s', async (nonce, misbehaviour, outcome) => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'nonce' })
    const source = sourceThat(misbehaviour, { rules: { nonce } })
    expect(statusOf(await source.check(questionAbout(issued, anchors)))).toBe(outcome)
  })

  test('attack 33: a recorded answer does not fit the next request', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'recorded' })
    let recorded: Buffer | undefined
    const source = createOcspSource({
      name: 'replaying',
      transport: { ask: async (request) => (recorded ??= await jpki.respondOcsp(request)) },
      rules: DEFAULT_OCSP_RULES,
      random,
      now: () => A_DAY,
    })
    expect(statusOf(await source.check(questionAbout(issued, anchors)))).toBe('good')
    expect(statusOf(await source.check(questionAbout(issued, anchors)))).toBe('ocsp-nonce-mismatch')
  })
})

describe('attack 21: clocks that differ', () => {
  test.each([
    [-61, 'ocsp-from-the-future'],
    [-60, 'good'],
    [60, 'good'],
    [15 * 60 + 60, 'good'],
    [15 * 60 + 61, 'ocsp-stale'],
  ])('ours is %i s after the responder’s: %s', async (seconds, outcome) => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'clock' })
    const source = sourceThat(undefined, { at: new Date(A_DAY.getTime() + seconds * 1000) })
    expect(statusOf(await source.check(questionAbout(issued, anchors)))).toBe(outcome)
  })

  test('an answer that holds for days is old after our own maximum age', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'old' })
    const source = sourceThat(undefined, { at: new Date(A_DAY.getTime() + 600_000), rules: { maxAgeMs: 300_000 } })
    expect(statusOf(await source.check(questionAbout(issued, anchors)))).toBe('ocsp-stale')
  })
})

test('every condition of acceptance is in one list', () => {
  expect(OCSP_ACCEPTANCE.map(({ name }) => name)).toEqual([
    'answersOneQuestion',
    'namesTheCertificate',
    'hasNoUnknownCriticalExtension',
    'isSignedByAResponder',
    'repeatsTheNonce',
    'isNotFromTheFuture',
    'isFresh',
  ])
})
