import type {
  AccessToken,
  AuthorizationCode,
  Client,
  FindAccount,
  KoaContextWithOIDC,
  RefreshToken,
} from 'oidc-provider'
import type { Authentication, Authentications, Tap } from './authentications.ts'
import { askingClientIdOf, sectorOf } from './client-policy.ts'
import type { ExternalIdOf } from './external-id.ts'
import type { KnownSubjects } from './known-subjects.ts'
import { extraOf } from './token-extra.ts'

/** What is asked of somebody who wants to go on. */
export interface StandingQuestion {
  readonly accountId: string
  readonly credentialId: string
  /** A client whose people are asked: what they agreed to must not have been taken back. */
  readonly askedFor?: string | undefined
  /** Seconds: since when that client has what it shows; a consent of later does not stand for it. */
  readonly grantedAt?: number | undefined
  /** Whose name for the person is wanted beside. */
  readonly sector?: string | undefined
}

/** How somebody stands who may go on. */
export interface StandingAnswer {
  /** How often the account, and what came of the card, was signed out so far. */
  readonly signOuts: number
  /** Undefined: the sector has no name for the account yet, or none was asked for. */
  readonly subject: string | undefined
}

/** Port (subject/): whether a person may go on with what was granted to them. An answer was true at some time after the question. */
export interface Standing {
  /** @returns undefined: there is nothing to go on with */
  find(question: StandingQuestion): Promise<StandingAnswer | undefined>
  /** Begins to look before it is known about whom: what is found through it was true at some time after this call. */
  begin(): Pick<Standing, 'find'>
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
  knownSubjects,
  now,
  externalIdOf,
}: {
  readonly authentications: Authentications
  readonly standing: Standing
  readonly knownSubjects: Pick<KnownSubjects, 'keep'>
  readonly now: () => Date
  readonly externalIdOf: ExternalIdOf
}): FindAccount {
  return async (ctx, accountId, token) => {
    const tap = authentications.tapOf(ctx)
    if (tap !== undefined) {
      const signOuts = isOfThisMoment(ctx, tap, now)
        ? tap.signOuts
        : await standing.signOutsOf(accountId, tap.credentialId)
      if (signOuts === undefined) return undefined
      await authentications.remember(ctx, { ...tap, signOuts: tap.signOuts ?? signOuts })
      if (tap.signOuts !== undefined && tap.signOuts !== signOuts) return undefined
    }
    const authentication = await authenticationBehind(authentications, ctx, token)
    if (authentication === undefined) return undefined
    const { client } = ctx.oidc
    if (tap === undefined) {
      const sector = token === undefined || client === undefined ? undefined : sectorOf(client)
      const found = await standing.find({
        accountId,
        credentialId: authentication.credentialId,
        // what was granted ends with the consent behind it, even where the store of tokens lost its end (attack 41)
        askedFor: token === undefined ? undefined : askingClientIdOf(client),
        grantedAt: grantedAtOf(token),
        sector,
      })
      if (found?.signOuts !== authentication.signOuts) return undefined
      if (sector !== undefined) knownSubjects.keep(ctx, accountId, sector, found.subject)
    }
    return {
      accountId,
      claims: () => personClaims(accountId, authentication, externalIdOf, ctx.oidc.client),
    }
  }
}

/** What an ID token and userinfo may say of a person; which of it they do is oidc-provider's to know. */
export async function personClaims(
  accountId: string,
  { certStatus }: Authentication,
  externalIdOf: ExternalIdOf,
  client: Client | undefined,
): Promise<{ readonly sub: string; readonly [claim: string]: unknown }> {
  const externalId = await externalIdOf(accountId, client)
  return {
    // oidc-provider puts the subject of the client's sector in place of this one
    sub: accountId,
    cert_status: certStatus,
    ...(externalId === undefined ? {} : { external_id: externalId }),
  }
}

/** For so long what was read with the tap itself counts: the browser goes on by itself, at once. */
const MOMENT_SECONDS = 10

/**
 * Whether the statement that recognised the card was a moment ago. What is handed out here is a session and a code: each use of them compares
 * again, so whoever was signed out within the moment gets nothing for them.
 */
function isOfThisMoment({ oidc }: KoaContextWithOIDC, { signOuts }: Tap, now: () => Date): boolean {
  const tappedAt = oidc.result?.login?.ts
  if (signOuts === undefined || signOuts < 0 || tappedAt === undefined) return false
  const passed = now().getTime() / 1000 - tappedAt
  return passed >= 0 && passed < MOMENT_SECONDS
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
