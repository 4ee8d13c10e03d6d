import { decodeBase64url } from './base64url.ts'
import type { PendingSignIn } from './pending-sign-in.ts'
import { SignInError } from './sign-in-error.ts'

/** What Sekisho says about a person. `sub` is who they are at this site, and only there. */
export interface Claims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly exp: number
  readonly iat: number
  readonly nonce: string
  /** `phrh`, or `urn:sekisho:acr:revocation-unchecked`. */
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly auth_time?: number
  readonly [claim: string]: unknown
}

const SKEW_SECONDS = 60

/**
 * The claims of an ID token that came straight from the token endpoint over TLS, which stands for its signature (OpenID Connect
 * Core §3.1.3.7, 6). Whoever hands the token on — to the site's own server, say — has to check its signature there.
 *
 * @throws SignInError id_token_invalid
 */
export function checkIdToken(idToken: unknown, { issuer, clientId, nonce }: PendingSignIn, nowMs: number): Claims {
  let claims: Partial<Record<keyof Claims, unknown>>
  try {
    const [, payload = '', signature] = String(idToken).split('.')
    if (!signature) throw new Error('not signed')
    claims = JSON.parse(decodeBase64url(payload)) as typeof claims
  } catch (cause) {
    throw new SignInError('id_token_invalid', { cause })
  }
  const { iss, sub, aud, exp, iat } = claims
  const now = nowMs / 1000
  const isGood =
    iss === issuer &&
    (aud === clientId || (Array.isArray(aud) && aud.length === 1 && aud[0] === clientId)) &&
    claims.nonce === nonce &&
    typeof sub === 'string' &&
    sub !== '' &&
    typeof exp === 'number' &&
    exp > now - SKEW_SECONDS &&
    typeof iat === 'number' &&
    iat < now + SKEW_SECONDS
  if (!isGood) throw new SignInError('id_token_invalid')
  return claims as Claims
}
