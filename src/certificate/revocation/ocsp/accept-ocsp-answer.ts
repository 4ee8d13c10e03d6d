import { verifySignature } from '../../algorithm/verify-signature.ts'
import { DerFault } from '../../der/der-fault.ts'
import { sameBytes } from '../../der/same-bytes.ts'
import { OID } from '../../x509/oids.ts'
import type { Extension } from '../../x509/read-extensions.ts'
import type { RevocationQuestion } from '../revocation-source.ts'
import { STATUS_SIGNATURE_ALGORITHMS } from '../status-signature-algorithms.ts'
import type { UnavailableCause } from '../unavailable-cause.ts'
import type { ResponderFinder } from './find-responder.ts'
import { type OcspRules } from './ocsp-rules.ts'
import { parseOcspResponse, type OcspErrorStatus, type UnverifiedOcspAnswer } from './parse-ocsp-response.ts'
import type { CertStatus, SingleResponse } from './read-single-response.ts'

/** SHA-1, as we asked with; some responders leave the NULL out when they write it again. */
const SHA1_ALGORITHMS = ['300906052b0e03021a0500', '300706052b0e03021a'].map((text) => Buffer.from(text, 'hex'))

const CAUSE_OF_STATUS: Readonly<Record<OcspErrorStatus, UnavailableCause>> = {
  malformedRequest: 'ocsp-request-rejected',
  sigRequired: 'ocsp-request-rejected',
  internalError: 'ocsp-internal-error',
  tryLater: 'ocsp-try-later',
  unauthorized: 'ocsp-unauthorized',
}

export interface OcspContext extends RevocationQuestion {
  /** extnValue of the nonce that was sent. */
  readonly nonceValue: Uint8Array | undefined
  readonly rules: OcspRules
  readonly responders: ResponderFinder
  readonly nowMs: number
}

type OcspRule = (answer: UnverifiedOcspAnswer, context: OcspContext) => UnavailableCause | undefined

/** Every condition of acceptance, in order (RFC 6960 §3.2 and §4.4.1). One that fails, and there is no answer. */
export const OCSP_ACCEPTANCE: readonly OcspRule[] = [
  answersOneQuestion,
  namesTheCertificate,
  hasNoUnknownCriticalExtension,
  isSignedByAResponder,
  repeatsTheNonce,
  isNotFromTheFuture,
  isFresh,
]

export type AcceptedOcspAnswer = CertStatus & { readonly thisUpdate: number; readonly nextUpdate: number | undefined }

/** From the bytes a responder sent to what may be believed of them. Never throws for what the bytes contain. */
export function acceptOcspAnswer(
  unverifiedDer: Uint8Array,
  context: OcspContext,
): AcceptedOcspAnswer | UnavailableCause {
  const answer = parse(unverifiedDer)
  if (typeof answer === 'string') return answer
  for (const rule of OCSP_ACCEPTANCE) {
    const cause = rule(answer, context)
    if (cause !== undefined) return cause
  }
  const { certStatus, thisUpdate, nextUpdate } = theOneResponse(answer)
  return { ...certStatus, thisUpdate, nextUpdate }
}

/** We ask about one certificate. Two answers may contradict each other, and every reader would pick his own. */
function answersOneQuestion({ responses }: UnverifiedOcspAnswer): UnavailableCause | undefined {
  return responses.length === 1 ? undefined : 'ocsp-several-answers'
}

/** RFC 6960 §3.2 (1): the certificate in the answer is the one in the request. */
function namesTheCertificate(answer: UnverifiedOcspAnswer, { certificate, issuer }: OcspContext) {
  const { certId } = theOneResponse(answer)
  const isSame =
    SHA1_ALGORITHMS.some((der) => sameBytes(der, certId.hashAlgorithmDer)) &&
    sameBytes(certId.issuerNameHash, issuer.nameSha1) &&
    sameBytes(certId.issuerKeyHash, issuer.keySha1) &&
    sameBytes(certId.serialNumber, certificate.serialNumber)
  return isSame ? undefined : 'ocsp-wrong-certificate'
}

/** RFC 6960 §4.4: unrecognised critical extensions refuse the answer. Of these we know the nonce. */
function hasNoUnknownCriticalExtension(answer: UnverifiedOcspAnswer): UnavailableCause | undefined {
  const isUnknown = ({ oid, critical }: Extension): boolean => critical && oid !== OID.ocspNonce
  const hasUnknown = answer.extensions.some(isUnknown) || theOneResponse(answer).extensions.some(isUnknown)
  return hasUnknown ? 'ocsp-unknown-extension' : undefined
}

/** RFC 6960 §3.2 (2)–(4): the signature is valid, and the signer is who may sign: the CA itself or its delegate. */
function isSignedByAResponder(
  answer: UnverifiedOcspAnswer,
  { issuer, responders, nowMs }: OcspContext,
): UnavailableCause | undefined {
  const key = responders.find(answer, issuer, nowMs)
  if (typeof key === 'string') return key
  switch (verifySignature(answer, key, STATUS_SIGNATURE_ALGORITHMS)) {
    case 'valid':
      return undefined
    case 'invalid':
      return 'ocsp-bad-signature'
    case 'algorithm-not-allowed':
      return 'ocsp-weak-algorithm'
  }
}

/** RFC 9654 §2.1, RFC 6960 §4.4.1: binds the answer to this very request. */
function repeatsTheNonce({ extensions }: UnverifiedOcspAnswer, { nonceValue, rules }: OcspContext) {
  if (rules.nonce === 'ignored') return undefined
  const returned = extensions.find(({ oid }) => oid === OID.ocspNonce)?.value
  if (returned === undefined) return rules.nonce === 'required' ? 'ocsp-nonce-absent' : undefined
  return nonceValue !== undefined && sameBytes(returned, nonceValue) ? undefined : 'ocsp-nonce-mismatch'
}

/** RFC 6960 §4.2.2.1: answers whose thisUpdate is later than the local time are not valid yet. */
function isNotFromTheFuture(answer: UnverifiedOcspAnswer, { rules, nowMs }: OcspContext) {
  const latest = nowMs + rules.skewMs
  return answer.producedAt > latest || theOneResponse(answer).thisUpdate > latest ? 'ocsp-from-the-future' : undefined
}

/** RFC 6960 §3.2 (5), (6): recent enough for us, and newer information was not due before now. */
function isFresh(answer: UnverifiedOcspAnswer, { rules, nowMs }: OcspContext): UnavailableCause | undefined {
  const { thisUpdate, nextUpdate } = theOneResponse(answer)
  if (thisUpdate < nowMs - rules.maxAgeMs - rules.skewMs) return 'ocsp-stale'
  return nextUpdate !== undefined && nextUpdate < nowMs - rules.skewMs ? 'ocsp-stale' : undefined
}

function theOneResponse({ responses }: UnverifiedOcspAnswer): SingleResponse {
  return responses[0] as SingleResponse
}

function parse(unverifiedDer: Uint8Array): UnverifiedOcspAnswer | UnavailableCause {
  try {
    const answer = parseOcspResponse(unverifiedDer)
    return typeof answer === 'string' ? CAUSE_OF_STATUS[answer] : answer
  } catch (error) {
    if (error instanceof DerFault) return 'ocsp-malformed'
    throw error
  }
}
