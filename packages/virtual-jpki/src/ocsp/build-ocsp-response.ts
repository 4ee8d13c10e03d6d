import type { KeyObject } from 'node:crypto'

import { signStructure } from '../certificate/assemble-certificate.ts'
import { encodeExtension } from '../certificate/extensions.ts'
import { OID } from '../certificate/object-identifiers.ts'
import { keyIdOf, publicKeyDerOf } from '../certificate/public-key.ts'
import type { SignatureAlgorithm } from '../certificate/signature-algorithm.ts'
import {
  constructedContext,
  enumerated,
  generalizedTime,
  octetString,
  oid,
  primitiveContext,
  sequence,
} from '../der/encode-der.ts'
import { REVOCATION_REASONS, type IssuedStatus } from '../registry.ts'

/** OCSPResponseStatus (RFC 6960 §4.2.1). */
export const OCSP_STATUS = {
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const

export interface SingleResponsePlan {
  readonly certIdDer: Uint8Array
  readonly status: IssuedStatus | { readonly status: 'unknown' }
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

/** Everything a signed answer says, before it is bytes; a misbehaviour is a change of this plan. */
export interface OcspResponsePlan {
  readonly producedAt: Date
  readonly responses: readonly SingleResponsePlan[]
  readonly nonce: Uint8Array | undefined
  readonly signer: OcspSigner
  readonly algorithm: SignatureAlgorithm
  readonly corruptSignature: boolean
}

export interface OcspSigner {
  readonly privateKey: KeyObject
  /** Sent along, so that the asker can check the delegation. */
  readonly certificateDer: Uint8Array
}

/** An answer that is no answer: only the status, unsigned by design of the protocol. */
export const buildOcspError = (status: Exclude<keyof typeof OCSP_STATUS, 'successful'>): Buffer =>
  sequence(enumerated(OCSP_STATUS[status]))

/** DER of an OCSPResponse with one BasicOCSPResponse. */
export function buildOcspResponse(plan: OcspResponsePlan): Buffer {
  const keyHash = keyIdOf(publicKeyDerOf(plan.signer.privateKey))
  const nonce =
    plan.nonce === undefined
      ? []
      : [constructedContext(1, sequence(encodeExtension({ oid: OID.ocspNonce, critical: false, value: plan.nonce })))]
  const responseData = sequence(
    constructedContext(2, octetString(keyHash)),
    generalizedTime(plan.producedAt),
    sequence(...plan.responses.map((response) => encodeSingleResponse(response))),
    ...nonce,
  )
  const certificates = constructedContext(0, sequence(plan.signer.certificateDer))
  const basicResponse = signStructure(
    responseData,
    { key: plan.signer.privateKey, algorithm: plan.algorithm, corrupt: plan.corruptSignature },
    certificates,
  )
  const responseBytes = sequence(oid(OID.ocspBasic), octetString(basicResponse))
  return sequence(enumerated(OCSP_STATUS.successful), constructedContext(0, responseBytes))
}

function encodeSingleResponse(plan: SingleResponsePlan): Buffer {
  const nextUpdate = plan.nextUpdate === undefined ? [] : [constructedContext(0, generalizedTime(plan.nextUpdate))]
  return sequence(plan.certIdDer, encodeCertStatus(plan.status), generalizedTime(plan.thisUpdate), ...nextUpdate)
}

/** good [0] and unknown [2] are IMPLICIT NULL, revoked [1] an IMPLICIT RevokedInfo. */
function encodeCertStatus(status: SingleResponsePlan['status']): Buffer {
  switch (status.status) {
    case 'good':
      return primitiveContext(0, Buffer.alloc(0))
    case 'unknown':
      return primitiveContext(2, Buffer.alloc(0))
    case 'revoked': {
      // RFC 5280 §5.3.1: unspecified is said by saying nothing.
      const reason = status.reason === 'unspecified' ? [] : [enumerated(REVOCATION_REASONS[status.reason])]
      return constructedContext(1, generalizedTime(status.at), ...reason.map((code) => constructedContext(0, code)))
    }
  }
}
