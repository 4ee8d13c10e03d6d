import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import { DerFault } from '../der/read-der.ts'
import type { CertificateRegistry } from '../registry.ts'
import { answer, type HttpAnswer } from '../service/http-answer.ts'
import { misbehaveInTransport } from '../service/transport-faults.ts'
import { buildOcspError, buildOcspResponse, type OcspResponsePlan, type OcspSigner } from './build-ocsp-response.ts'
import { findAuthority } from './find-authority.ts'
import {
  errorAnswerOf,
  misbehaveInPlan,
  type OcspMisbehaviour,
  type OcspMisbehaviourContext,
} from './ocsp-misbehaviours.ts'
import { readOcspRequest, type OcspRequest } from './read-ocsp-request.ts'

/** The national responder refreshes its data every 15 minutes (jpki.md §4.1); so long does an answer hold. */
const ANSWER_HOLDS_MS = 15 * 60_000

/** Some answers have four kilobytes. */
const OVERSIZED_OCTETS = 8 * 1024 * 1024

const CONTENT_TYPE = 'application/ocsp-response'

export interface OcspResponderDeps {
  readonly authorities: readonly CertificateAuthority[]
  readonly registry: CertificateRegistry
  readonly now: () => Date
  delegateOf(authority: CertificateAuthority, at: Date): Promise<OcspSigner>
  misbehaviourContext(authority: CertificateAuthority, request: OcspRequest, at: Date): OcspMisbehaviourContext
}

export interface OcspResponder {
  /** Never throws on bad input: a request that cannot be read is answered `malformedRequest`. */
  answer(requestDer: Uint8Array, misbehaviour?: OcspMisbehaviour): Promise<HttpAnswer>
}

/** An OCSP responder (RFC 6960) with one delegate for each CA generation. It speaks of nothing but what the registry knows. */
export function createOcspResponder(deps: OcspResponderDeps): OcspResponder {
  const respond = async (requestDer: Uint8Array, misbehaviour: OcspMisbehaviour | undefined): Promise<HttpAnswer> => {
    const error = errorAnswerOf(misbehaviour)
    if (error !== undefined) return answer(CONTENT_TYPE, buildOcspError(error))
    const request = readRequest(requestDer)
    if (request === undefined) return answer(CONTENT_TYPE, buildOcspError('malformedRequest'))
    const authority = authorityOfAll(deps.authorities, request)
    // RFC 6960 §2.3, RFC 5019 §2.2.3: this responder has no authority to speak about certificates of another CA.
    if (authority === undefined) return answer(CONTENT_TYPE, buildOcspError('unauthorized'))
    const now = wholeSecond(deps.now())
    const plan: OcspResponsePlan = {
      producedAt: now,
      responses: request.certIds.map((certId) => ({
        certIdDer: certId.der,
        status: deps.registry.find(authority.name, certId.serialNumber)?.status ?? { status: 'unknown' },
        thisUpdate: now,
        nextUpdate: new Date(now.getTime() + ANSWER_HOLDS_MS),
      })),
      nonce: request.nonce,
      signer: await deps.delegateOf(authority, now),
      algorithm: 'sha256WithRSA',
      corruptSignature: false,
    }
    const context = deps.misbehaviourContext(authority, request, now)
    const body = buildOcspResponse(await misbehaveInPlan(misbehaviour, plan, context))
    return answer(CONTENT_TYPE, body, cacheHeaders(plan))
  }

  return {
    answer: async (requestDer, misbehaviour) =>
      misbehaveInTransport(misbehaviour, await respond(requestDer, misbehaviour), OVERSIZED_OCTETS),
  }
}

function readRequest(requestDer: Uint8Array): OcspRequest | undefined {
  try {
    return readOcspRequest(requestDer)
  } catch (fault) {
    if (fault instanceof DerFault) return undefined
    throw fault
  }
}

/** One answer has one signer, so all certificates of a request must be of one CA. */
function authorityOfAll(
  authorities: readonly CertificateAuthority[],
  request: OcspRequest,
): CertificateAuthority | undefined {
  const found = new Set(request.certIds.map((certId) => findAuthority(authorities, certId)))
  return found.size === 1 ? [...found][0] : undefined
}

/** GeneralizedTime of OCSP has no fractions (RFC 6960 §4.2.2.1 through RFC 5280 §4.1.2.5.2). */
const wholeSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000)

/** RFC 5019 §6.2: what a proxy may keep. With a nonce nothing may be kept. */
function cacheHeaders(plan: OcspResponsePlan): Record<string, string> {
  if (plan.nonce !== undefined) return { 'cache-control': 'no-store' }
  return {
    'cache-control': `max-age=${ANSWER_HOLDS_MS / 1000}, public, no-transform, must-revalidate`,
    'last-modified': plan.producedAt.toUTCString(),
    expires: new Date(plan.producedAt.getTime() + ANSWER_HOLDS_MS).toUTCString(),
  }
}
