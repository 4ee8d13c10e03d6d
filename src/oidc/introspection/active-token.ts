import type { AdapterPayload } from 'oidc-provider'
import type { ClientLookup, ServedClient } from '../../relying-party/client-registry.ts'
import type { ArtifactStore } from '../artifact-store.ts'
import type { Standing } from '../find-account.ts'
import type { TokenExtra } from '../token-extra.ts'
import type { SessionHints } from './session-hints.ts'

export interface ActiveTokenDependencies {
  readonly issuer: string
  readonly artifacts: Pick<ArtifactStore, 'findWithGrant' | 'findSession'>
  readonly clients: ClientLookup
  readonly standing: Pick<Standing, 'begin'>
  readonly sessionHints: SessionHints
  readonly sectorOf: (client: ServedClient) => string
  readonly now: () => Date
}

/**
 * What is told of an opaque access token of a person that is beyond doubt active and meant for this reader, as oidc-provider would tell it
 * (lib/actions/introspection.js, with ../introspection.ts).
 *
 * @returns undefined where there is any doubt: then oidc-provider is asked, and its answer counts
 */
export async function describeActiveToken(
  { issuer, artifacts, clients, standing, sessionHints, sectorOf, now }: ActiveTokenDependencies,
  reader: ServedClient,
  value: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  // who has changed is asked beside what the token is
  const standings = standing.begin()
  const hintedUid = sessionHints.get(value)
  const [[token, grant], hinted] = await Promise.all([
    artifacts.findWithGrant('AccessToken', value),
    hintedUid === undefined ? undefined : artifacts.findSession(hintedUid),
  ])
  const resource = reader.resourceServer?.resource
  if (token === undefined || grant === undefined || resource === undefined) return undefined
  const seconds = Math.floor(now().getTime() / 1000)
  const { kind, exp, iat, accountId, clientId, grantId, aud, scope, sid, jkt, sessionUid } = token
  const extra = token['extra'] as TokenExtra | undefined
  const isPlain =
    kind === 'AccessToken' &&
    token['format'] === undefined &&
    token['rar'] === undefined &&
    token['nbf'] === undefined &&
    token['x5t#S256'] === undefined &&
    typeof iat === 'number' &&
    lives(exp, seconds) &&
    aud === resource &&
    accountId !== undefined &&
    clientId !== undefined &&
    extra?.credential_id !== undefined
  if (!isPlain || !lives(grant.exp, seconds)) return undefined
  if (grant.clientId !== clientId || grant.accountId !== accountId) return undefined

  const holder = await clients.find(clientId)
  if (holder === undefined) return undefined
  const { credential_id: credentialId, sign_outs: signOuts = 0, ...theirs } = extra
  const [found, session] = await Promise.all([
    standings.find({
      accountId,
      credentialId,
      askedFor: holder.firstParty ? undefined : clientId,
      grantedAt: iat,
      sector: sectorOf(reader),
    }),
    token.expiresWithSession !== true
      ? undefined
      : sessionUid !== undefined && sessionUid === hintedUid
        ? hinted
        : artifacts.findSession(sessionUid ?? ''),
  ])
  if (found?.signOuts !== signOuts || found.subject === undefined) return undefined
  if (token.expiresWithSession === true) {
    if (!holds(session, { accountId, clientId, grantId, seconds })) return undefined
    if (sessionUid !== undefined && sessionUid !== hintedUid) sessionHints.keep(value, sessionUid)
  }
  return {
    active: true,
    sub: found.subject,
    ...theirs,
    client_id: clientId,
    exp,
    iat,
    sid,
    iss: issuer,
    aud,
    scope: scope === '' ? undefined : scope,
    cnf: jkt === undefined ? undefined : { jkt },
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
  }
}

export function lives(exp: unknown, seconds: number): boolean {
  return typeof exp === 'number' && exp > seconds
}

/** The session that the token lives in is still the same person's, with the same grant for that client. */
export function holds(
  session: AdapterPayload | undefined,
  {
    accountId,
    clientId,
    grantId,
    seconds,
  }: {
    readonly accountId: string
    readonly clientId: string
    readonly grantId: string | undefined
    readonly seconds: number
  },
): boolean {
  return (
    session?.kind === 'Session' &&
    lives(session.exp, seconds) &&
    session.accountId === accountId &&
    grantId !== undefined &&
    session.authorizations?.[clientId]?.grantId === grantId
  )
}
