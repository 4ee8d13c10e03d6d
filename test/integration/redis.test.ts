import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { confirmLogOut } from '../support/confirm-log-out.ts'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { pollUntil } from '../support/poll-until.ts'
import { authorizationUrl, basic, get, post, responseIn, VERIFIER, type RawAnswer } from '../support/raw-openid.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { monitorRedis } from '../support/redis-monitor.ts'
import { startRedis } from '../support/redis.ts'
import { runSekisho } from '../support/run-sekisho.ts'

/** Two processes with everything short-lived in Redis. More of it: `SEKISHO_TEST_REDIS=cluster npm test -- --project conformance`. */
const API = 'https://api.example/'
const OFFLINE = { scope: 'openid offline_access' }
const GRANTS = ['authorization_code', 'refresh_token'] as const

async function startOn(url: string): Promise<ConformanceSystem> {
  const system = await startConformanceSystem({ REDIS_URL: url })
  const resources = [{ resource: API, scopes: ['read'] }]
  await system.register({ clientId: 'site', grantTypes: [...GRANTS], resources })
  await system.register({ clientId: 'bound', grantTypes: [...GRANTS], requireDpop: true })
  await system.register({
    clientId: 'api',
    redirectUris: [],
    resourceServer: { resource: API, scopes: ['read'] },
  })
  return system
}

describe.each([
  ['Redis', startRedis],
  ['Redis Cluster', startRedisCluster],
])('two processes on %s', (_name, start) => {
  let server: { readonly url: string; close(): Promise<void> }
  let system: ConformanceSystem
  let site: OpenidSite
  let person: PersonWithCard

  beforeAll(async () => {
    server = await start()
    system = await startOn(server.url)
    site = await openidSite(system, 'site')
    person = system.person()
  })
  afterAll(async () => {
    await system.close()
    await server.close()
  })

  const newCode = async (clientId = 'site', changes: Record<string, string> = {}): Promise<string> =>
    responseIn(await person.authorize(authorizationUrl(system.issuer, { client_id: clientId, ...changes })))['code'] ??
    ''
  const redeem = (
    code: string,
    at = system.issuer,
    headers: Record<string, string> = basic('site'),
  ): Promise<RawAnswer> =>
    post(
      `${at}/token`,
      { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
      headers,
    )
  const refresh = (token: unknown, at = system.issuer): Promise<RawAnswer> =>
    post(`${at}/token`, { grant_type: 'refresh_token', refresh_token: String(token) }, basic('site'))
  const isActive = async (token: unknown, at = system.issuer): Promise<unknown> =>
    (await post(`${at}/token/introspection`, { token: String(token) }, basic('api'))).body['active']
  const signInForApi = (who = person) => site.signIn(who, { parameters: { scope: 'openid read', resource: API } })

  test('a person signs in, the database keeps none of it, and each process knows the tokens', async () => {
    const tokens = await signInForApi()
    expect([await isActive(tokens.access_token), await isActive(tokens.access_token, system.second)]).toEqual([
      true,
      true,
    ])
    const { rows } = await system.database.query('SELECT 1 FROM oidc_artifacts UNION ALL SELECT 1 FROM sign_in_tickets')
    expect(rows).toEqual([])
  })

  test('attacks 2, 3: of 20 exchanges of one code exactly 1 succeeds, and its tokens are dead', async () => {
    const code = await newCode('site', OFFLINE)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => redeem(code, index % 2 === 0 ? system.issuer : system.second)),
    )
    const [winner, ...others] = answers.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    expect(answers.filter(({ body }) => body['error'] === 'invalid_grant')).toHaveLength(19)
    expect((await refresh(winner?.body['refresh_token'])).body['error']).toBe('invalid_grant')
    expect(
      (await get(`${system.issuer}/me`, { authorization: `Bearer ${String(winner?.body['access_token'])}` })).status,
    ).toBe(401)
  })

  test('attack 5: a lost answer is given again; a used refresh token after that ends the family', async () => {
    const first = (await redeem(await newCode('site', OFFLINE))).body['refresh_token']
    const [lost, again] = [await refresh(first, system.second), await refresh(first)]
    expect(again.body['refresh_token']).toBe(lost.body['refresh_token'])
    const third = await refresh(again.body['refresh_token'], system.second)
    expect(third.status).toBe(200)
    expect((await refresh(first)).body['error']).toBe('invalid_grant')
    expect((await refresh(third.body['refresh_token'])).body['error']).toBe('invalid_grant')
  })

  test('attack 7: one DPoP proof is good once, on both processes', async () => {
    const keys = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(keys.publicKey)
    const proof = (nonce?: string): Promise<string> =>
      new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${system.issuer}/token`, nonce })
        .setIssuedAt()
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(keys.privateKey)
    const refused = await redeem('no code', system.issuer, { ...basic('bound'), dpop: await proof() })
    const once = await proof(refused.headers.get('dpop-nonce') ?? '')
    const codes = await Promise.all(Array.from({ length: 6 }, () => newCode('bound')))
    const answers = await Promise.all(
      codes.map((code, index) =>
        redeem(code, index % 2 === 0 ? system.issuer : system.second, { ...basic('bound'), dpop: once }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('attack 14: a log-out ends the session and what was granted for it, and nothing beyond', async () => {
    const leaving = system.person()
    const [online, offline] = [await signInForApi(leaving), await site.signIn(leaving, { parameters: OFFLINE })]
    await confirmLogOut(leaving, `${system.issuer}/session/end`)
    expect(await isActive(online.access_token, system.second)).toBe(false)
    expect((await refresh(offline.refresh_token, system.second)).status).toBe(200)
    const tapped = leaving.taps
    await signInForApi(leaving)
    expect(leaving.taps).toBe(tapped + 1)
  })

  test('attack 39: what an operator ends is over at once, and stays so when it is taken back', async () => {
    const hanako = system.person('hanako')
    const tokens = await signInForApi(hanako)
    const offline = await site.signIn(hanako, { parameters: OFFLINE })
    const { rows } = await system.database.query<{ account_id: string }>(
      'SELECT account_id FROM subjects WHERE sub = $1',
      [tokens.claims()?.sub],
    )
    const account = rows[0]?.account_id ?? ''
    const operate = async (act: string): Promise<void> => {
      const { status, stderr } = await runSekisho(system.environment, ['account', act, account, '--reason', 'a test'])
      expect({ status, stderr }).toMatchObject({ status: 0 })
    }
    await operate('suspend')
    expect(await isActive(tokens.access_token)).toBe(false)
    await operate('reopen')
    expect(await isActive(tokens.access_token)).toBe(false)
    expect((await refresh(offline.refresh_token)).body['error']).toBe('invalid_grant')
    await pollUntil(async () => {
      const { rows: waiting } = await system.database.query(
        `SELECT 1 FROM outbox WHERE kind = 'sign-out' AND done_at IS NULL`,
      )
      return waiting.length === 0
    })
    const tapped = hanako.taps
    expect(await isActive((await signInForApi(hanako)).access_token)).toBe(true)
    expect(hanako.taps).toBe(tapped + 1)
  })

  test('a person ends another browser’s session at /account, and its tokens with it', async () => {
    const other = system.person()
    const own = await signInForApi()
    const elsewhere = await signInForApi(other)
    const page = await person.browser.open(`${system.issuer}/account`)
    const ends = formsOf(page.html.slice(page.html.indexOf('Another browser'))).find(({ action }) =>
      action.includes('/account/end-session'),
    )
    const after = await person.browser.submit(page, ends?.action ?? '', ends?.values ?? {})
    expect(after.status).toBe(200)
    expect([await isActive(own.access_token), await isActive(elsewhere.access_token)]).toEqual([true, false])
  })
})

describe('what Redis is asked, and what it keeps', () => {
  test('an introspection is at most 2 commands, and a session stays within its bounds', async () => {
    const server = await startRedis()
    const system = await startOn(server.url)
    const monitor = await monitorRedis(server.port)
    const client = new Redis(server.port, '127.0.0.1')
    try {
      const site = await openidSite(system, 'site')
      const signIn = (persona: string) =>
        site.signIn(system.person(persona), { parameters: { scope: 'openid read', resource: API } })
      const tokens = await signIn('taro')
      const introspect = () =>
        post(`${system.issuer}/token/introspection`, { token: tokens.access_token }, basic('api'))
      await introspect()
      const introspection = await monitor.during(introspect)
      expect(introspection.length).toBeLessThanOrEqual(2)

      await client.flushall()
      const people = 5
      for (let count = 0; count < people; count++) await signIn('taro')
      let octets = 0
      const kinds = new Map<string, number>()
      for (const key of await client.keys('sekisho:*')) {
        const kind = key.replace(/\{[^}]*\}/, '').split(':')[1] ?? ''
        // gone with the minutes of the ceremony, as the code is
        expect(kind).not.toBe('tickets')
        if (/^(?:AuthorizationCode|ticket|completion|limit|.*since)$/.test(kind)) continue
        const size = Number(await client.memory('USAGE', key))
        octets += size
        kinds.set(kind, (kinds.get(kind) ?? 0) + size)
      }
      console.info(`a live session: ${Math.round(octets / people)} octets in Redis`, Object.fromEntries(kinds))
      expect(octets / people).toBeLessThanOrEqual(1800)
    } finally {
      monitor.close()
      client.disconnect()
      await system.close()
      await server.close()
    }
  })
})

describe('attack 41: without Redis', () => {
  test('nobody is signed in and no token is good; all goes on by itself when it is back', async () => {
    const server = await startRedis()
    const system = await startOn(server.url)
    try {
      const site = await openidSite(system, 'site')
      const tokens = await site.signIn(system.person(), { parameters: { scope: 'openid read', resource: API } })
      process.kill(server.pid, 'SIGSTOP')
      const introspected = await post(
        `${system.issuer}/token/introspection`,
        { token: tokens.access_token },
        basic('api'),
      )
      expect(introspected.status).toBe(503)
      expect(introspected.body['active']).toBeUndefined()
      const page = await get(authorizationUrl(system.issuer))
      expect(page.status).toBe(503)
      process.kill(server.pid, 'SIGCONT')
      await pollUntil(async () => {
        const { body } = await post(
          `${system.issuer}/token/introspection`,
          { token: tokens.access_token },
          basic('api'),
        )
        return body['active'] === true
      })
    } finally {
      process.kill(server.pid, 'SIGCONT')
      await system.close()
      await server.close()
    }
  })
})
