import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import type { default as Provider } from 'oidc-provider'

/** Seconds that a proof is good, and that it is remembered for. */
const FRESH_SECONDS = 60

export interface ProofOfPossession {
  /** The header `DPoP`, as it came. */
  readonly proof: string | undefined
  readonly method: string
  /** Of the request, without its query. */
  readonly address: string
  readonly token: string
  /** The key that the token is bound to. */
  readonly keyThumbprint: string
}

/** RFC 9449 §4.3, §7: whoever sends a bound token to an API of the provider holds its key, and says so for this very request, once. */
export type CheckProof = (possession: ProofOfPossession) => Promise<boolean>

export function createCheckProof(provider: Provider, now: () => Date): CheckProof {
  // all processes remember together; the types leave this model out
  const { ReplayDetection } = provider as unknown as {
    readonly ReplayDetection: { unique(issuer: string, jti: string, expires: number): Promise<boolean> }
  }
  return async ({ proof, method, address, token, keyThumbprint }) => {
    if (proof === undefined) return false
    const verified = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      maxTokenAge: FRESH_SECONDS,
      requiredClaims: ['jti', 'iat'],
      currentDate: now(),
    }).catch(() => undefined)
    const jwk = verified?.protectedHeader.jwk
    if (verified === undefined || jwk === undefined) return false
    const { payload } = verified
    if (
      payload['htm'] !== method ||
      payload['htu'] !== address ||
      payload['ath'] !== createHash('sha256').update(token).digest('base64url') ||
      (await calculateJwkThumbprint(jwk)) !== keyThumbprint
    ) {
      return false
    }
    const expires = Math.floor(now().getTime() / 1000) + 2 * FRESH_SECONDS
    return ReplayDetection.unique(`admin-api ${keyThumbprint}`, String(payload.jti), expires)
  }
}
