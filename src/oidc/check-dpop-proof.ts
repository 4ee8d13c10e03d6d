import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { FAPI_ALGORITHMS } from '../relying-party/algorithms.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** A proof counts for so long, and somebody's clock may be so far from ours. */
const FRESH_SECONDS = 60
const SKEW_SECONDS = 30
/** Longer than any proof counts, from the first moment that one could. */
const REMEMBERED_SECONDS = FRESH_SECONDS + 3 * SKEW_SECONDS
const MAX_JTI = 255

export interface ProvenRequest {
  /** The `DPoP` header. */
  readonly proof: string | undefined
  readonly method: string
  /** Of the request, without its query. */
  readonly address: string
  readonly token: string
  /** `cnf.jkt` of the token. */
  readonly keyThumbprint: string
  readonly clientId: string
}

/**
 * RFC 9449 §4.3, §7.1, at our own API: whether whoever sends a bound token holds its key, and says so for this very request, for the first
 * time. (oidc-provider checks proofs within its own endpoints only.)
 */
export function createProofCheck({
  artifacts,
  now,
}: {
  readonly artifacts: Pick<ArtifactStore, 'rememberProof'>
  readonly now: () => Date
}): (request: ProvenRequest) => Promise<boolean> {
  return async ({ proof, method, address, token, keyThumbprint, clientId }) => {
    if (proof === undefined) return false
    const read = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...FAPI_ALGORITHMS],
      maxTokenAge: FRESH_SECONDS,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['jti', 'iat'],
      currentDate: now(),
    }).catch(() => undefined)
    if (read === undefined) return false
    const { payload, protectedHeader } = read
    const { jti, iat = 0, htm, htu, ath } = payload
    const isForThis =
      htm === method &&
      htu === address &&
      ath === createHash('sha256').update(token).digest('base64url') &&
      protectedHeader.jwk !== undefined &&
      (await calculateJwkThumbprint(protectedHeader.jwk)) === keyThumbprint
    if (!isForThis || typeof jti !== 'string' || jti.length > MAX_JTI) return false
    const id = createHash('sha256').update(`api ${clientId} ${jti}`).digest('base64url')
    return artifacts.rememberProof(id, { iat }, REMEMBERED_SECONDS, iat)
  }
}
