import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countWaits, type RequestWaits } from '../support/count-waits.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type SignedIn } from '../support/openid-site.ts'
import { basic, get, post } from '../support/raw-openid.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { startRedis } from '../support/redis.ts'

/**
 * How often one request waits for Redis and for PostgreSQL, one time after the other (docs/adr/0019). What is sent together is one wait. It is
 * counted, not timed: the same on every machine.
 */
const API = 'https://api.example/'
const GRANTS = ['authorization_code', 'refresh_token'] as const

const table = (requests: readonly RequestWaits[]): readonly string[] =>
  requests.map(({ name, redis, postgres }) => `${name}: ${redis.waits} ${postgres.waits}`)
const sum = (requests: readonly RequestWaits[], store: 'redis' | 'postgres'): number =>
  requests.reduce((total, request) => total + request[store].waits, 0)

describe.each([
  ['Redis', startRedis],
  ['Redis Cluster', startRedisCluster],
])('waits with %s', (_name, start) => {
  let server: { readonly url: string; close(): Promise<void> }
  let system: ConformanceSystem
  let signIn: (clientId?: string, person?: ReturnType<ConformanceSystem['person']>) => Promise<SignedIn>
  let tokens: SignedIn

  beforeAll(async () => {
    server = await start()
    system = await startConformanceSystem({ REDIS_URL: server.url })
    const resources = [{ resource: API, scopes: ['read'] }]
    await system.register({ clientId: 'site', grantTypes: [...GRANTS], resources })
    await system.register({ clientId: 'asking', grantTypes: [...GRANTS], resources, firstParty: false })
    await system.register({ clientId: 'api', redirectUris: [], resourceServer: { resource: API, scopes: ['read'] } })
    const sites = { site: await openidSite(system, 'site'), asking: await openidSite(system, 'asking') }
    const parameters = { scope: 'openid offline_access read', resource: API }
    signIn = (clientId = 'site', person = system.person()) =>
      sites[clientId as keyof typeof sites].signIn(person, { parameters })
    // scripts are known, clients remembered, the person has an account, a name at each site, and agreed
    for (const clientId of ['site', 'asking']) tokens = await signIn(clientId)
    tokens = await signIn()
    // the first is the library's, which gives the person a name; what the second reads is remembered
    for (let time = 0; time < 2; time++) await introspect()
  })
  afterAll(async () => {
    await system.close()
    await server.close()
  })

  const introspect = () => post(`${system.issuer}/token/introspection`, { token: tokens.access_token }, basic('api'))

  test('a whole log-in with the card waits 18 times for Redis and 2 times for PostgreSQL at most', async () => {
    const requests = await countWaits(() => signIn())
    expect(table(requests)).toEqual([
      'GET /auth: 1 0',
      'GET /interaction/:id: 1 0',
      'POST /interaction/:id/card: 2 0',
      'GET /agent/tickets/:id: 2 0',
      'POST /agent/tickets/:id/response: 3 0',
      // recognised, marked as used and recorded by one statement
      'GET /interaction/:id/complete: 4 1',
      // what the card was recognised with is a moment old; a session and a code are compared at each use
      'GET /auth/:id: 2 0',
      'POST /token: 3 1',
    ])
    expect([sum(requests, 'redis'), sum(requests, 'postgres')]).toEqual([18, 2])
  })

  test('at a site that asks, the consent is looked up once more', async () => {
    const requests = await countWaits(() => signIn('asking'))
    expect([sum(requests, 'redis'), sum(requests, 'postgres')]).toEqual([18, 3])
  })

  test('somebody who is signed in already', async () => {
    const person = system.person()
    await signIn('site', person)
    expect(table(await countWaits(() => signIn('site', person)))).toEqual(['GET /auth: 4 1', 'POST /token: 3 1'])
  })

  test.each([
    ['introspection', () => introspect(), 'POST /token/introspection: 1 1'],
    [
      'a refresh with rotation',
      () =>
        post(
          `${system.issuer}/token`,
          { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) },
          basic('site'),
        ),
      'POST /token: 5 1',
    ],
  ])('%s', async (_what, ask, expected) => {
    expect(table(await countWaits(ask))).toEqual([expected])
  })

  test('userinfo', async () => {
    const { access_token: token } = await openidSite(system, 'site').then((site) => site.signIn(system.person()))
    const ask = () => get(`${system.issuer}/me`, { authorization: `Bearer ${token}` })
    expect(table(await countWaits(ask))).toEqual(['GET /me: 2 1'])
  })
})
