import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { isFapi2 } from './client-policy.ts'

/** A client assertion that says no more than that is refused (RFC 7523 §3: "unreasonably far in the future"). */
const LONGEST_ASSERTION_SECONDS = 3600

/**
 * FAPI 2.0 Security Profile §5.3.2.1 asks for 10 s at least and 60 s at most. As long as a store that lost its memory of used proofs refuses those from
 * around that time (storage/redis/scripts.ts): one that was used before the loss cannot say that it was made after it.
 */
const AHEAD_SECONDS = 30

/** oidc-provider does not look at the `iat` of a DPoP proof with a nonce, nor of an assertion with an `exp`. @param madeAt seconds */
export function refuseMadeInFuture(madeAt: number): void {
  if (madeAt > Date.now() / 1000 + AHEAD_SECONDS) throw new errors.InvalidRequest('iat is in the future')
}

/**
 * When the proof behind one entry of oidc-provider's replay memory was made: a DPoP proof or a client assertion of this request.
 *
 * @param id SHA-256 of issuer and jti, as oidc-provider's ReplayDetection has it
 * @returns seconds; 0 for one that does not say when
 */
export function proofTimeOf(ctx: KoaContextWithOIDC | undefined, id: string): number {
  const clientId = ctx?.oidc.client?.clientId ?? ''
  const assertion: unknown = ctx?.oidc.body?.['client_assertion']
  for (const jwt of [ctx?.get('DPoP'), assertion]) {
    if (typeof jwt !== 'string' || jwt === '') continue
    const { jti = '', iat } = decodeJwt(jwt)
    const known = createHash('sha256').update(`${clientId}${jti}`).digest('base64url')
    if (known === id) return iat ?? 0
  }
  return 0
}

/** In place of oidc-provider's own rule, which is the second one here. */
export function checkAssertionClaims(
  { oidc }: KoaContextWithOIDC,
  { aud, exp }: { readonly aud?: unknown; readonly exp?: unknown },
): void {
  if (typeof exp !== 'number' || exp - Date.now() / 1000 > LONGEST_ASSERTION_SECONDS) {
    throw new errors.InvalidClientAuth('the client assertion is valid for too long')
  }
  // FAPI 2.0 Security Profile §5.3.2.1: the issuer, and nothing else
  if (isFapi2(oidc.client) && aud !== oidc.issuer) {
    throw new errors.InvalidClientAuth('audience (aud) must equal the issuer identifier url')
  }
}
