import type { AccessToken, AuthorizationCode, FindAccount, KoaContextWithOIDC, RefreshToken } from 'oidc-provider'
import type { Authentication, Authentications } from './authentications.ts'
import { askingClientIdOf } from './client-policy.ts'
import { extraOf } from './token-extra.ts'

/** Port (subject/): whether a person may go on with what was granted to them. */
export interface Standing {
  /**
   * The account is active, and the credential was neither revoked, unlinked nor moved to somebody else.
   *
   * @returns how often the account, and what came of the card, was signed out so far; undefined: there is nothing to go on with
   * @param askedFor a client whose people are asked: what they agreed to must not have been taken back
   * @param grantedAt seconds: since when that client has what it shows; a consent of later does not stand for it
   */
  signOutsOf(
    accountId: string,
    credentialId: string,
    askedFor?: string,
    grantedAt?: number,
  ): Promise<number | undefined>
}

/**
 * The account behind a session, a code or a token, if its card still stands for it; else oidc-provider finds nobody and refuses.
 * A tap that is not on record counts for nothing, and so does one of before the last time that everybody was signed out: that is decided
 * in PostgreSQL, however long what came of the tap is still found elsewhere (docs/adr/0005).
 */
export function createFindAccount({
  authentications,
  standing,
}: {
  readonly authentications: Authentications
  readonly standing: Standing
}): FindAccount {
  return async (ctx, accountId, token) => {
    const tap = authentications.tapOf(ctx)
    if (tap !== undefined) {
      const signOuts = await standing.signOutsOf(accountId, tap.credentialId)
      if (signOuts === undefined) return undefined
      await authentications.remember(ctx, { ...tap, signOuts: tap.signOuts ?? signOuts })
    }
    const authentication = await authenticationBehind(authentications, ctx, token)
    if (authentication === undefined) return undefined
    // what was granted ends with the consent behind it, even where the store of tokens lost its end (attack 41)
    const askedFor = token === undefined ? undefined : askingClientIdOf(ctx.oidc.client)
    const { credentialId } = authentication
    const signOuts = await standing.signOutsOf(accountId, credentialId, askedFor, grantedAtOf(token))
    if (signOuts !== authentication.signOuts) return undefined
    return {
      accountId,
      // oidc-provider puts the subject of the client's sector in place of this one
      claims: () => ({ sub: accountId, cert_status: authentication.certStatus }),
    }
  }
}

/** A refresh token that was rotated is as old as the first of its family. */
function grantedAtOf(token: unknown): number | undefined {
  const { iiat, iat } = (token ?? {}) as { readonly iiat?: number; readonly iat?: number }
  return iiat ?? iat
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
    return (
      extra && {
        credentialId: extra.credential_id,
        certStatus: extra.cert_status,
        signOuts: extra.sign_outs ?? 0,
      }
    )
  }
  const { sessionUid, authTime } = token as AuthorizationCode | RefreshToken
  return authentications.find(sessionUid, authTime)
}
