import { TRANSPORT_FAULTS, type TransportFault } from '../service/transport-faults.ts'
import { integer, octetString, sequence } from '../der/encode-der.ts'
import type { OcspResponsePlan, OcspSigner, SingleResponsePlan } from './build-ocsp-response.ts'
import type { CertId } from './read-ocsp-request.ts'

/** What a misbehaviour may work with. */
export interface OcspMisbehaviourContext {
  readonly now: Date
  readonly certIds: readonly CertId[]
  /** Delegate of a stranger that uses the CA's name. */
  readonly strangersDelegate: () => Promise<OcspSigner>
  /** Delegate of another generation of the same CA. */
  readonly siblingsDelegate: () => Promise<OcspSigner>
  /** A certificate of the right CA that was never given id-kp-OCSPSigning: that of an ordinary card. */
  readonly cardHolder: () => Promise<OcspSigner>
  /** The right delegate's key in a certificate that ended before `now`. */
  readonly expiredDelegate: () => Promise<OcspSigner>
}

type PlanChange = (
  plan: OcspResponsePlan,
  context: OcspMisbehaviourContext,
) => OcspResponsePlan | Promise<OcspResponsePlan>

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const shift = (plan: OcspResponsePlan, ms: number): OcspResponsePlan => ({
  ...plan,
  producedAt: new Date(plan.producedAt.getTime() + ms),
  responses: plan.responses.map((single) => ({
    ...single,
    thisUpdate: new Date(single.thisUpdate.getTime() + ms),
    nextUpdate: single.nextUpdate && new Date(single.nextUpdate.getTime() + ms),
  })),
})

const withEach = (
  plan: OcspResponsePlan,
  change: (single: SingleResponsePlan) => SingleResponsePlan,
): OcspResponsePlan => ({
  ...plan,
  responses: plan.responses.map((single) => change(single)),
})

/** A CertID that differs from what was asked in one part. */
const certIdWith = (certId: CertId, change: Partial<Pick<CertId, 'issuerKeyHash' | 'serialNumber'>>): Buffer =>
  sequence(
    certId.hashAlgorithmDer,
    octetString(certId.issuerNameHash),
    octetString(change.issuerKeyHash ?? certId.issuerKeyHash),
    integer(change.serialNumber ?? certId.serialNumber),
  )

const invert = (octets: Buffer): Buffer => Buffer.from(octets.map((octet) => octet ^ 0xff))

const FOREIGN_NONCE = octetString(Buffer.from('nonce of somebody else’s request'))

/** Signed answers that an asker must not accept, each wrong in one way. */
const PLAN_CHANGES = {
  'wrong-signer': async (plan, { strangersDelegate }) => ({ ...plan, signer: await strangersDelegate() }),
  'sibling-signer': async (plan, { siblingsDelegate }) => ({ ...plan, signer: await siblingsDelegate() }),
  'non-delegated-signer': async (plan, { cardHolder }) => ({ ...plan, signer: await cardHolder() }),
  'expired-signer': async (plan, { expiredDelegate }) => ({ ...plan, signer: await expiredDelegate() }),
  'bad-signature': (plan) => ({ ...plan, corruptSignature: true }),
  'sha1-signature': (plan) => ({ ...plan, algorithm: 'sha1WithRSA' }),
  stale: (plan) => shift(plan, -7 * DAY_MS),
  future: (plan) => shift(plan, DAY_MS),
  'next-update-absent': (plan) =>
    withEach(shift(plan, -7 * DAY_MS), (single) => ({ ...single, nextUpdate: undefined })),
  'nonce-mismatch': (plan) => ({ ...plan, nonce: FOREIGN_NONCE }),
  'nonce-absent': (plan) => ({ ...plan, nonce: undefined }),
  // The second contradicts the first: whichever an asker picks, somebody else would have picked the other.
  'two-single-responses': (plan) => ({
    ...plan,
    responses: plan.responses.flatMap((single) => [
      { ...single, status: { status: 'good' } as const },
      { ...single, status: { status: 'revoked', at: single.thisUpdate, reason: 'keyCompromise' } as const },
    ]),
  }),
  'no-single-response': (plan) => ({ ...plan, responses: [] }),
  'wrong-serial': (plan, { certIds }) => ({
    ...plan,
    responses: plan.responses.map((single, index) => {
      const certId = certIds[index]
      if (certId === undefined) return single
      return { ...single, certIdDer: certIdWith(certId, { serialNumber: certId.serialNumber + 1n }) }
    }),
  }),
  'wrong-cert-id': (plan, { certIds }) => ({
    ...plan,
    responses: plan.responses.map((single, index) => {
      const certId = certIds[index]
      if (certId === undefined) return single
      return { ...single, certIdDer: certIdWith(certId, { issuerKeyHash: invert(certId.issuerKeyHash) }) }
    }),
  }),
  // Recorded ten minutes ago for another request, before the certificate was revoked: fresh, genuine, and for an asker who
  // compares nonces worthless.
  'replayed-good': (plan) =>
    withEach(shift({ ...plan, nonce: FOREIGN_NONCE }, -10 * MINUTE_MS), (single) => ({
      ...single,
      status: { status: 'good' },
    })),
  unknown: (plan) => withEach(plan, (single) => ({ ...single, status: { status: 'unknown' } })),
} as const satisfies Record<string, PlanChange>

/** Answers without a statement, each one an OCSPResponseStatus. */
const ERROR_ANSWERS = {
  'try-later': 'tryLater',
  unauthorized: 'unauthorized',
  'internal-error': 'internalError',
  'malformed-request': 'malformedRequest',
  'sig-required': 'sigRequired',
} as const

type SignedFault = keyof typeof PLAN_CHANGES
type ErrorFault = keyof typeof ERROR_ANSWERS
export type OcspMisbehaviour = SignedFault | ErrorFault | TransportFault

/** Everything the OCSP responder can be ordered to do wrong. */
export const OCSP_MISBEHAVIOURS: readonly OcspMisbehaviour[] = [
  ...(Object.keys(PLAN_CHANGES) as SignedFault[]),
  ...(Object.keys(ERROR_ANSWERS) as ErrorFault[]),
  ...(Object.keys(TRANSPORT_FAULTS) as TransportFault[]),
]

export const errorAnswerOf = (name: OcspMisbehaviour | undefined): (typeof ERROR_ANSWERS)[ErrorFault] | undefined =>
  name !== undefined && Object.hasOwn(ERROR_ANSWERS, name) ? ERROR_ANSWERS[name as ErrorFault] : undefined

/** The plan as ordered; unchanged when the misbehaviour is not one of the signed statement. */
export async function misbehaveInPlan(
  name: OcspMisbehaviour | undefined,
  plan: OcspResponsePlan,
  context: OcspMisbehaviourContext,
): Promise<OcspResponsePlan> {
  if (name === undefined || !Object.hasOwn(PLAN_CHANGES, name)) return plan
  return PLAN_CHANGES[name as SignedFault](plan, context)
}
