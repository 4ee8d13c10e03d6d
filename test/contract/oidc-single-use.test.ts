import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type Client } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createArtifactAdapter } from '../../src/oidc/artifact-adapter.ts'
import { createAuthentications } from '../../src/oidc/authentications.ts'
import { prefixTokens } from '../../src/oidc/prefix-tokens.ts'
import { createRefreshSuccession, GRACE_SECONDS } from '../../src/oidc/refresh-succession.ts'
import { createSealer } from '../../src/sealing/create-sealer.ts'
import { loadSigningKeys } from '../../src/signing-key/load-signing-keys.ts'
import type { Database } from '../../src/storage/database.ts'
import { createOidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createSigningKeyStore } from '../../src/storage/signing-key-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

/**
 * The adapter under oidc-provider itself, asked over HTTP: what its token endpoint does with a code or a refresh token that
 * many hands redeem at once. Two instances on two connection pools stand for two processes.
 */
const ISSUER = 'https://id.example'
const REDIRECT_URI = 'https://shop.example/callback'
const VERIFIER = 'v'.repeat(43)
const PARALLEL = 50

const now = (): Date => new Date()
const metadata = {
  client_id: 'shop',
  token_endpoint_auth_method: 'none' as const,
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'refresh_token'],
}

/** How far the clock has moved since a refresh token was used. */
let laterMs = 0

async function createOnePostgresProvider(database: Database): Promise<Provider> {
  const artifacts = createOidcArtifactStore({ database, now })
  const succession = createRefreshSuccession({ artifacts, now: () => new Date(Date.now() + laterMs) })
  const provider = new Provider(ISSUER, {
    adapter: createArtifactAdapter({
      artifacts,
      succession,
      authentications: createAuthentications(artifacts),
      findClient: (id) => Promise.resolve(id === 'shop' ? metadata : undefined),
    }),
    jwks: await loadSigningKeys({
      store: createSigningKeyStore(database),
      sealer: createSealer([Buffer.alloc(32, 7)]),
      now,
    }),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    cookies: { keys: ['a key for no cookie'] },
    clientAuthMethods: ['none'],
    features: { devInteractions: { enabled: false } },
    rotateRefreshToken: true,
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, RefreshToken: 3600 },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  })
  prefixTokens(provider, succession)
  return provider
}

interface TokenAnswer {
  readonly status: number
  readonly error?: string
  readonly access_token?: string
  readonly refresh_token?: string
}

describe('oidc-provider on two processes and one PostgreSQL', () => {
  let made: TestDatabase
  let second: Database
  let provider: Provider
  const servers: Server[] = []
  const urls: string[] = []

  beforeAll(async () => {
    const [postgres] = DATABASES
    made = await createMigratedDatabase(postgres.createDatabase)
    const { connectionString } = made.database.pool.options as { connectionString?: string }
    second = await openDatabase({ databaseUrl: connectionString ?? '', maxConnections: 20 })
    const providers = [await createOnePostgresProvider(made.database), await createOnePostgresProvider(second)]
    for (const one of providers) {
      one.proxy = true
      const callback = one.callback()
      const server = createServer((req, res) => void callback(req, res))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      servers.push(server)
      urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    }
    provider = providers[0] as Provider
  })
  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
    await second.close()
    await made.remove()
  })

  const request = async (process: number, path: string, init: RequestInit = {}): Promise<TokenAnswer> => {
    const headers = {
      ...(init.headers as Record<string, string>),
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'id.example',
    }
    const response = await fetch(`${urls[process % urls.length]}${path}`, { ...init, headers })
    return { status: response.status, ...((await response.json()) as object) }
  }
  const redeem = (process: number, parameters: Record<string, string>): Promise<TokenAnswer> =>
    request(process, '/token', { method: 'POST', body: new URLSearchParams({ client_id: 'shop', ...parameters }) })
  const redeemCode = (process: number, code: string): Promise<TokenAnswer> =>
    redeem(process, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER })
  const refresh = (process: number, token: string): Promise<TokenAnswer> =>
    redeem(process, { grant_type: 'refresh_token', refresh_token: token })
  const userinfoStatus = async (token: string | undefined): Promise<number> =>
    (await request(0, '/me', { headers: { authorization: `Bearer ${token}` } })).status

  /** As the authorization endpoint leaves it after a log-in. */
  async function createCode(): Promise<string> {
    const client = (await provider.Client.find('shop')) as Client
    const grant = new provider.Grant({ accountId: randomBytes(8).toString('hex'), clientId: 'shop' })
    grant.addOIDCScope('openid offline_access')
    const grantId = await grant.save()
    const code = new provider.AuthorizationCode({
      client,
      accountId: grant.accountId ?? '',
      grantId,
      gty: 'authorization_code',
      redirectUri: REDIRECT_URI,
      scope: 'openid offline_access',
      codeChallenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      codeChallengeMethod: 'S256',
      authTime: Math.floor(Date.now() / 1000),
    })
    return code.save()
  }

  const expectOneWinner = (answers: readonly TokenAnswer[]): TokenAnswer => {
    const winners = answers.filter(({ status }) => status === 200)
    const losers = answers.filter(({ status, error }) => status === 400 && error === 'invalid_grant')
    expect(winners).toHaveLength(1)
    expect(losers).toHaveLength(answers.length - 1)
    return winners[0] as TokenAnswer
  }
  const many = <Answer>(ask: (process: number) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(Array.from({ length: PARALLEL }, (_, index) => ask(index)))

  test('a code is redeemed, and its tokens work', async () => {
    const answer = await redeemCode(0, await createCode())
    expect(answer).toMatchObject({ status: 200 })
    expect(await userinfoStatus(answer.access_token)).toBe(200)
    const renewed = await refresh(1, answer.refresh_token ?? '')
    expect(renewed).toMatchObject({ status: 200 })
    expect(await userinfoStatus(renewed.access_token)).toBe(200)
  })

  test('attack 2: a code replayed later at the other process is refused, and the tokens of its grant are dead', async () => {
    const code = await createCode()
    const answer = await redeemCode(0, code)
    expect(await redeemCode(1, code)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await userinfoStatus(answer.access_token)).toBe(401)
    expect(await refresh(0, answer.refresh_token ?? '')).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test(`attack 3: of ${PARALLEL} parallel exchanges over two processes exactly 1 succeeds, and its tokens are dead`, async () => {
    for (let round = 0; round < 5; round++) {
      const code = await createCode()
      const winner = expectOneWinner(await many((process) => redeemCode(process, code)))
      expect(await userinfoStatus(winner.access_token)).toBe(401)
      expect(await refresh(0, winner.refresh_token ?? '')).toMatchObject({ status: 400, error: 'invalid_grant' })
    }
  })

  test(`attack 5: ${PARALLEL} parallel uses of one refresh token over two processes end in one family`, async () => {
    const { refresh_token: token = '' } = await redeemCode(0, await createCode())
    const answers = await many((process) => refresh(process, token))
    expect(answers.map(({ status }) => status)).toEqual(Array(PARALLEL).fill(200))
    expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1)
  })

  test('attack 5: after a lost answer the same is answered by the other process, and both tokens are one', async () => {
    const { refresh_token: token = '' } = await redeemCode(0, await createCode())
    const [lost, again] = [await refresh(1, token), await refresh(0, token)]
    expect(again).toMatchObject({ status: 200, refresh_token: lost.refresh_token })
    expect(await refresh(1, again.refresh_token ?? '')).toMatchObject({ status: 200 })
  })

  test('attack 5: once its successor was used, a refresh token is a stolen one, and the family ends', async () => {
    const { refresh_token: first = '' } = await redeemCode(0, await createCode())
    const { refresh_token: second = '' } = await refresh(1, first)
    const third = await refresh(0, second)
    expect(await refresh(1, first)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await refresh(0, third.refresh_token ?? '')).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await userinfoStatus(third.access_token)).toBe(401)
  })

  test('attack 5: an old refresh token, used again after the grace, ends the family', async () => {
    const { refresh_token: token = '' } = await redeemCode(0, await createCode())
    const renewed = await refresh(1, token)
    laterMs = GRACE_SECONDS * 1000
    expect(await refresh(0, token)).toMatchObject({ status: 400, error: 'invalid_grant' })
    laterMs = 0
    expect(await refresh(1, renewed.refresh_token ?? '')).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await userinfoStatus(renewed.access_token)).toBe(401)
  })
})
