import type { AccessToken, AuthorizationCode, FindAccount, KoaContextWithOIDC, RefreshToken } from 'oidc-provider'
import type { Authentication, Authentications } from './authentications.ts'
import { extraOf } from './token-extra.ts'

/** Port (subject/): whether a person may go on with what was granted to them. */
export interface Standing {
  /** The account is active, and the credential was neither revoked, unlinked nor moved to somebody else. */
  isStanding(accountId: string, credentialId: string): Promise<boolean>
}

/**
 * The account behind a session, a code or a token, if its card still stands for it; else oidc-provider finds nobody and refuses.
 * A tap that is not on record counts for nothing.
 */
export function createFindAccount({
  authentications,
  standing,
}: {
  readonly authentications: Authentications
  readonly standing: Standing
}): FindAccount {
  return async (ctx, accountId, token) => {
    await authentications.remember(ctx)
    const authentication = await authenticationBehind(authentications, ctx, token)
    if (authentication === undefined || !(await standing.isStanding(accountId, authentication.credentialId)))
      return undefined
    return {
      accountId,
      // oidc-provider puts the subject of the client's sector in place of this one
      claims: () => ({ sub: accountId, cert_status: authentication.certStatus }),
    }
  }
}

async function authenticationBehind(
  authentications: Authentications,
  ctx: KoaContextWithOIDC,
  token: unknown,
): Promise<Authentication | undefined> {
  if (token === undefined) return authentications.find(ctx.oidc.session?.uid, ctx.oidc.session?.loginTs)
  const { kind } = token as { readonly kind?: string }
  if (kind === 'AccessToken') {
    const extra = extraOf(token as AccessToken)
    return extra && { credentialId: extra.credential_id, certStatus: extra.cert_status }
  }
  const { sessionUid, authTime } = token as AuthorizationCode | RefreshToken
  return authentications.find(sessionUid, authTime)
}
