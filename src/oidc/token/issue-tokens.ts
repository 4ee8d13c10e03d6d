import { randomBytes } from 'node:crypto'
import type { Client, KoaContextWithOIDC, default as Provider } from 'oidc-provider'
import type { ArtifactWrite } from '../artifact-store.ts'
import type { ExternalIdOf } from '../external-id.ts'
import { personClaims } from '../find-account.ts'
import type { KnownSubjects } from '../known-subjects.ts'
import { sectorOf } from '../client-policy.ts'
import { ACCESS_TOKEN_PREFIX } from '../prefix-tokens.ts'
import { REFRESH_TOKEN_PREFIX } from '../refresh-succession.ts'
import { routeInId } from '../route-ids.ts'
import { tapExtra } from '../token-extra.ts'
import { accessLife, refreshLife } from '../token-lives.ts'
import type { PersonBehind, PlainSource } from './plain-source.ts'
import type { TokenRequest } from './read-token-request.ts'

/** What is made of one code or refresh token. */
export interface PlainTokens {
  readonly writes: readonly ArtifactWrite[]
  readonly accessToken: string
  readonly accessSeconds: number
  readonly refreshToken: string | undefined
}

/**
 * An access token, and a refresh token where there is one, as oidc-provider's models would write them.
 *
 * @param successor of the refresh token that is used up, if it is one
 */
export function makeTokens(
  source: PlainSource,
  { authentication }: PersonBehind,
  client: Client,
  { grantType, value }: TokenRequest,
  successor: string | undefined,
  seconds: number,
): PlainTokens {
  const { accountId, grantId, sessionUid, expiresWithSession, sid, nonce, resource } = source
  const route = routeInId(value)
  const gty = gtyOf(source, grantType)
  const common = { accountId, grantId, sessionUid, expiresWithSession, sid, gty, clientId: client.clientId }
  const accessToken = `${ACCESS_TOKEN_PREFIX}${route}${randomBytes(32).toString('base64url')}`
  const accessSeconds = accessLife(source.accessSeconds)
  const writes: ArtifactWrite[] = [
    put('AccessToken', accessToken, seconds, accessSeconds, {
      ...common,
      aud: resource,
      scope: source.accessScope,
      extra: tapExtra(source, authentication),
    }),
  ]
  const isOffline = source.scope.split(' ').includes('offline_access') && client.grantTypeAllowed('refresh_token')
  if (successor === undefined && !isOffline) return { writes, accessToken, accessSeconds, refreshToken: undefined }

  const refreshToken = `${REFRESH_TOKEN_PREFIX}${successor ?? `${route}${randomBytes(32).toString('base64url')}`}`
  const startedAt = source.startedAt ?? seconds
  const { acr, amr, authTime, scope, rotations } = source
  writes.push(
    put('RefreshToken', refreshToken, seconds, refreshLife(seconds - startedAt), {
      ...common,
      acr,
      amr,
      authTime,
      nonce,
      resource,
      scope,
      rotations: successor === undefined ? 0 : (rotations ?? 0) + 1,
      iiat: startedAt,
    }),
  )
  return { writes, accessToken, accessSeconds, refreshToken }
}

/** By oidc-provider's own class: what it says and how it is signed is settled there. */
export async function makeIdToken(
  {
    provider,
    knownSubjects,
    externalIdOf,
  }: {
    readonly provider: Provider
    readonly knownSubjects: Pick<KnownSubjects, 'keep'>
    readonly externalIdOf: ExternalIdOf
  },
  source: PlainSource,
  { authentication, subject }: PersonBehind,
  client: Client,
): Promise<string> {
  const { accountId, acr, amr, authTime, nonce, sid } = source
  // nobody's context: what is known in it is whose name this is; who has none yet is given one (subject-of.ts)
  const ctx = {} as KoaContextWithOIDC
  knownSubjects.keep(ctx, accountId, sectorOf(client), subject)
  const claims = await personClaims(accountId, authentication, externalIdOf, client)
  const token = new provider.IdToken({ ...claims, acr, amr, auth_time: authTime }, { ctx, client })
  const asked: { scope: string; mask: object; rejected: readonly string[] } = {
    scope: source.resource === undefined ? 'openid' : source.openidScope,
    mask: {},
    rejected: [],
  }
  Object.assign(token, asked)
  token.set('nonce', nonce)
  token.set('sid', sid)
  return token.issue({ use: 'idtoken' })
}

/** How a family of tokens began, and whether it was renewed: `authorization_code refresh_token`. */
function gtyOf({ gty }: PlainSource, grantType: TokenRequest['grantType']): string | undefined {
  if (grantType === 'authorization_code') return grantType
  return gty === undefined || gty.endsWith(grantType) ? gty : `${gty} ${grantType}`
}

function put(
  model: 'AccessToken' | 'RefreshToken',
  id: string,
  seconds: number,
  lifeSeconds: number,
  members: object,
): ArtifactWrite {
  const payload = { iat: seconds, exp: seconds + lifeSeconds, ...members, kind: model, jti: id }
  return { act: 'put', model, id, payload, expiresInSeconds: lifeSeconds }
}
