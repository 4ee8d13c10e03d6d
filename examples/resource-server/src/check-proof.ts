import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'

const FRESH_SECONDS = 60

export interface ProofRequest {
  readonly proof: string | undefined
  readonly method: string
  /** Of the request, without its query. */
  readonly address: string
  readonly token: string
  /** `cnf.jkt` of the token: the key that it is bound to. */
  readonly keyThumbprint: string
}

/** RFC 9449 §4.3: whether whoever sends a bound token holds its key, and says so for this very request, for the first time. */
export function createProofCheck(now: () => Date) {
  const seen = new Map<string, number>()

  return async ({ proof, method, address, token, keyThumbprint }: ProofRequest): Promise<boolean> => {
    if (proof === undefined) return false
    try {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
        maxTokenAge: FRESH_SECONDS,
        requiredClaims: ['jti', 'iat'],
        currentDate: now(),
      })
      const isForThis =
        payload['htm'] === method &&
        payload['htu'] === address &&
        payload['ath'] === createHash('sha256').update(token).digest('base64url') &&
        protectedHeader.jwk !== undefined &&
        (await calculateJwkThumbprint(protectedHeader.jwk)) === keyThumbprint
      return isForThis && isFirst(String(payload.jti))
    } catch {
      return false
    }
  }

  /** In memory: with several processes, this belongs into something they share. */
  function isFirst(jti: string): boolean {
    const at = now().getTime()
    for (const [old, until] of seen) if (until < at) seen.delete(old)
    if (seen.has(jti)) return false
    seen.set(jti, at + 2 * FRESH_SECONDS * 1000)
    return true
  }
}
