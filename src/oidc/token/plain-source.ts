import { hash, timingSafeEqual } from 'node:crypto'
import type { AdapterPayload, Client } from 'oidc-provider'
import type { ArtifactStore } from '../artifact-store.ts'
import type { Authentication, Authentications } from '../authentications.ts'
import { allowedScopesOf, askingClientIdOf, isFapi2, sectorOf } from '../client-policy.ts'
import type { Standing } from '../find-account.ts'
import { holds, lives } from '../introspection/active-token.ts'
import type { FindResourceServer } from '../resource-indicators.ts'
import type { TokenRequest } from './read-token-request.ts'

export interface PlainSourceDependencies {
  readonly artifacts: Pick<ArtifactStore, 'findWithGrant' | 'findSession'>
  readonly findResourceServer: FindResourceServer
}

export interface PersonDependencies {
  readonly authentications: Pick<Authentications, 'find'>
  readonly standing: Pick<Standing, 'find'>
}

/** The tap behind a code or refresh token, if its card and account still stand for it. */
export interface PersonBehind {
  readonly authentication: Authentication
  /** What the site calls them; undefined: it has no name for them yet. */
  readonly subject: string | undefined
}

/** A code or refresh token about which nothing is in doubt, but for who stands behind it. */
export interface PlainSource {
  /** The parts that the tokens made of it carry on. */
  readonly accountId: string
  readonly grantId: string
  readonly acr: string
  readonly amr: readonly string[] | undefined
  readonly authTime: number
  readonly sessionUid: string
  readonly expiresWithSession: true | undefined
  readonly nonce: string | undefined
  readonly sid: string | undefined
  readonly scope: string
  readonly resource: string | undefined
  readonly gty: string | undefined
  readonly rotations: number | undefined
  /** Seconds: since when there is its family. */
  readonly startedAt: number | undefined
  /** Seconds. */
  readonly issuedAt: number

  /** Scopes that were granted: of the provider's own, and of the access token. */
  readonly openidScope: string
  readonly accessScope: string
  /** Seconds, if its API says. */
  readonly accessSeconds: number | undefined
}

const MODELS = { authorization_code: 'AuthorizationCode', refresh_token: 'RefreshToken' } as const
/** Bindings, rich requests and requested claims are the library's. */
const BEYOND_PLAIN = ['consumed', 'claims', 'rar', 'jkt', 'dpopJkt', 'attestationJkt', 'x5t#S256', 'nbf', 'format']

/** A client of which nothing else is asked than its secret. */
export function isPlainClient(client: Client, { grantType }: TokenRequest): boolean {
  return (
    client.clientAuthMethod === 'client_secret_basic' &&
    // RFC 7591 §3.2.1: 0, it does not end
    (client['clientSecretExpiresAt'] ?? 0) === 0 &&
    client.grantTypeAllowed(grantType) &&
    !isFapi2(client) &&
    client.dpopBoundAccessTokens !== true &&
    client.tlsClientCertificateBoundAccessTokens !== true &&
    client['idTokenEncryptedResponseAlg'] === undefined
  )
}

/**
 * What oidc-provider asks of a code or refresh token before it uses it up (lib/actions/grants/). It only looks.
 *
 * @returns undefined where there is any doubt: then oidc-provider is asked, and its answer counts
 */
export async function findPlainSource(
  { artifacts, findResourceServer }: PlainSourceDependencies,
  client: Client,
  request: TokenRequest,
  seconds: number,
): Promise<PlainSource | undefined> {
  const model = MODELS[request.grantType]
  const [found, grant] = (await artifacts.findWithGrant(model, request.value)) as readonly [
    found?: AdapterPayload & OfSource,
    grant?: Granted,
  ]
  if (found?.kind !== model || grant === undefined) return undefined
  if (BEYOND_PLAIN.some((member) => found[member] !== undefined)) return undefined
  const { clientId, accountId, grantId, acr, sessionUid, scope, resource, expiresWithSession } = found
  const { authTime, nonce, sid, iat, amr, gty, rotations, iiat } = found
  if (clientId !== client.clientId || typeof iat !== 'number' || !lives(found.exp, seconds)) return undefined
  if (!isPlainGrant(grant, { clientId, accountId }, seconds)) return undefined
  if (accountId === undefined || grantId === undefined || acr === undefined) return undefined
  if (sessionUid === undefined || typeof authTime !== 'number' || Array.isArray(resource)) return undefined
  const scopes = scope?.split(' ') ?? []
  if (scope === undefined || !scopes.includes('openid')) return undefined
  if (request.grantType === 'authorization_code' && !isRightful(found, request)) return undefined

  const isTied = expiresWithSession === true
  const [session, api] = await Promise.all([
    isTied ? artifacts.findSession(sessionUid) : undefined,
    resource === undefined ? undefined : findResourceServer(resource),
  ])
  if (isTied && !holds(session, { accountId, clientId, grantId, seconds })) return undefined
  const access = accessAt(grant, scopes, client, resource, api)
  if (access === undefined) return undefined
  return {
    accountId,
    grantId,
    acr,
    amr,
    authTime,
    sessionUid,
    expiresWithSession: isTied ? true : undefined,
    nonce,
    sid,
    scope,
    resource,
    gty,
    rotations,
    startedAt: iiat,
    issuedAt: iat,
    openidScope: within(grantedOf(grant.openid?.scope), scopes),
    ...access,
  }
}

/** As find-account.ts asks of them. @returns undefined: there is nobody, or nobody any more */
export async function findPersonBehind(
  { authentications, standing }: PersonDependencies,
  client: Client,
  { accountId, sessionUid, authTime, startedAt, issuedAt }: PlainSource,
): Promise<PersonBehind | undefined> {
  const authentication = await authentications.find(sessionUid, authTime)
  if (authentication === undefined) return undefined
  const found = await standing.find({
    accountId,
    credentialId: authentication.credentialId,
    askedFor: askingClientIdOf(client),
    grantedAt: startedAt ?? issuedAt,
    sector: sectorOf(client),
  })
  return found?.signOuts === authentication.signOuts ? { authentication, subject: found.subject } : undefined
}

/** What the types of the library leave out. */
interface OfSource {
  readonly authTime?: number
  readonly nonce?: string
  readonly sid?: string
  readonly amr?: readonly string[]
  readonly rotations?: number
  readonly iiat?: number
}

type Granted = Omit<AdapterPayload, 'openid' | 'resources'> & {
  readonly openid?: { readonly scope?: string }
  readonly resources?: Readonly<Record<string, string>>
}

function isPlainGrant(
  grant: Granted,
  { clientId, accountId }: { readonly clientId: string; readonly accountId: string | undefined },
  seconds: number,
): boolean {
  return (
    grant.clientId === clientId &&
    grant.accountId === accountId &&
    grant['rejected'] === undefined &&
    grant['rar'] === undefined &&
    lives(grant.exp, seconds)
  )
}

/** RFC 6749 §4.1.3, RFC 7636 §4.6: asked for by the one who now shows it, and to be sent where it was sent. */
function isRightful(
  code: AdapterPayload,
  { redirectUri, verifier }: TokenRequest & { readonly grantType: 'authorization_code' },
): boolean {
  const { codeChallenge, codeChallengeMethod } = code
  if (code.redirectUri !== redirectUri || codeChallengeMethod !== 'S256' || codeChallenge === undefined) return false
  const [shown, asked] = [Buffer.from(hash('sha256', verifier, 'base64url')), Buffer.from(codeChallenge)]
  return shown.length === asked.length && timingSafeEqual(shown, asked)
}

/** Of an API, as far as it and the client registered the scopes (resource-indicators.ts); without one, of userinfo. */
function accessAt(
  grant: Granted,
  scopes: readonly string[],
  client: Client,
  resource: string | undefined,
  api: Awaited<ReturnType<FindResourceServer>>,
): Pick<PlainSource, 'accessScope' | 'accessSeconds'> | undefined {
  if (resource === undefined) {
    return { accessScope: within(grantedOf(grant.openid?.scope), scopes), accessSeconds: undefined }
  }
  const allowed = allowedScopesOf(client, resource)
  if (api === undefined || allowed.length === 0 || api.isForProgramsOnly === true) return undefined
  const { scopes: offered, accessTokenFormat, accessTokenSeconds } = api.resourceServer
  if (accessTokenFormat !== 'opaque') return undefined
  const meant = scopes.filter((scope) => allowed.includes(scope) && offered.includes(scope))
  return { accessScope: within(grantedOf(grant.resources?.[resource]), meant), accessSeconds: accessTokenSeconds }
}

const grantedOf = (scope: string | undefined): readonly string[] => scope?.split(' ') ?? []
const within = (granted: readonly string[], scopes: readonly string[]): string =>
  granted.filter((scope) => scopes.includes(scope)).join(' ')
