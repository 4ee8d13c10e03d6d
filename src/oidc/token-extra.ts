import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Authentication, Authentications, CertStatus } from './authentications.ts'

/** What an access token of a person knows of the tap it came from; `credential_id` and `sign_outs` stay in here. */
export interface TokenExtra {
  readonly acr: string
  readonly amr: readonly string[]
  readonly auth_time: number
  readonly cert_status: CertStatus
  readonly credential_id: string
  /** Absent in tokens of before migration 0011. */
  readonly sign_outs?: number
}

/** @returns undefined for a token without a person */
export function extraOf(token: { readonly extra?: unknown }): TokenExtra | undefined {
  return token.extra as TokenExtra | undefined
}

/** oidc-provider stores the answer with the token and tells it at introspection and in JWT access tokens. */
export function createExtraTokenClaims(
  authentications: Authentications,
): NonNullable<Configuration['extraTokenClaims']> {
  return async (ctx, token) => {
    if (token.kind !== 'AccessToken') return undefined
    const source = sourceOf(ctx)
    const authentication = await authentications.find(source?.sessionUid, source?.authTime)
    if (source?.acr === undefined || source.authTime === undefined || authentication === undefined) {
      throw new Error('an access token of a person whose card was not tapped')
    }
    const { acr, amr, authTime } = source
    return tapExtra({ acr, amr, authTime }, authentication, token.format === 'jwt')
  }
}

/** @param isReadByOthers of a JWT, which says less than what only we read */
export function tapExtra(
  {
    acr,
    amr,
    authTime,
  }: { readonly acr: string; readonly amr?: readonly string[] | undefined; readonly authTime: number },
  { certStatus, credentialId, signOuts }: Authentication,
  isReadByOthers = false,
): Record<string, unknown> {
  return {
    acr,
    amr,
    auth_time: authTime,
    cert_status: certStatus,
    ...(isReadByOthers ? {} : { credential_id: credentialId, sign_outs: signOuts }),
  }
}

/** The code or refresh token that this access token is made of. */
function sourceOf({ oidc }: KoaContextWithOIDC) {
  return oidc.entities.RefreshToken ?? oidc.entities.AuthorizationCode
}
