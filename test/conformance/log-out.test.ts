import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT, generateKeyPair, exportJWK } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { confirmLogOut } from '../support/confirm-log-out.ts'
import { someText } from '../support/expected.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, post } from '../support/raw-openid.ts'

const GOODBYE = 'http://localhost:1/goodbye'
let system: ConformanceSystem
let site: OpenidSite
let server: Server
let base = ''
/** What was asked of the addresses that sites registered. */
const asked: { path: string; body: string }[] = []
/** Status with which the next log-out notices are answered; then 200. */
const answers: number[] = []
let jwks: object = { keys: [] }

beforeAll(async () => {
  server = createServer((req, res) => {
    void text(req).then((body) => {
      const path = req.url ?? ''
      asked.push({ path, body })
      if (path === '/redirect') res.writeHead(302, { location: `${base}/jwks` }).end()
      else if (path === '/jwks') res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(jwks))
      else if (path === '/huge')
        res.writeHead(200, { 'content-type': 'application/json' }).end(`{"keys":["${'x'.repeat(200_000)}"]}`)
      else res.writeHead(answers.shift() ?? 200).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  system = await startConformanceSystem({ CLIENT_INTRANET_HOSTS: '127.0.0.1' })
  await system.register({
    clientId: 'site',
    postLogoutRedirectUris: [GOODBYE],
    backchannelLogoutUri: `${base}/logged-out`,
    grantTypes: ['authorization_code', 'refresh_token'],
  })
  await system.register({ clientId: 'deaf', backchannelLogoutUri: 'http://localhost:1/nobody-listens' })
  site = await openidSite(system, 'site')
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await system.close()
})

const isSignedIn = async (person: PersonWithCard): Promise<boolean> =>
  (await person.authorize(authorizationUrl(system.issuer, { prompt: 'none' }))).searchParams.has('code')

describe('log-out begun by a site', () => {
  test('asks, ends the session, tells the sites, and goes back', async () => {
    const person = system.person()
    const tokens = await site.signIn(person)
    asked.length = 0
    const end = oidc.buildEndSessionUrl(site.configuration, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: GOODBYE,
      state: 'farewell',
    })
    expect((await confirmLogOut(person, end)).href).toBe(`${GOODBYE}?state=farewell`)
    expect(await isSignedIn(person)).toBe(false)

    await expect.poll(() => asked.find(({ path }) => path === '/logged-out'), { timeout: 10_000 }).toBeDefined()
    const token = new URLSearchParams(asked[0]?.body).get('logout_token') ?? ''
    const keys = createRemoteJWKSet(new URL(`${system.issuer}/jwks`))
    const { payload } = await jwtVerify(token, keys, { issuer: system.issuer, audience: 'site', typ: 'logout+jwt' })
    expect(payload).toMatchObject({ sub: tokens.claims()?.sub, sid: tokens.claims()?.['sid'], jti: someText })
    expect(payload['events']).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} })
    expect(payload).not.toHaveProperty('nonce')
  })

  test('attack 14: nothing happens before the person says so, even with a good hint', async () => {
    const person = system.person()
    const tokens = await site.signIn(person)
    const hint = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: GOODBYE }
    const page = await person.browser.open(oidc.buildEndSessionUrl(site.configuration, hint).href)
    expect(page.url.origin).toBe(system.issuer)
    expect(await isSignedIn(person)).toBe(true)
  })

  test.each([
    ['an address that is not registered', { client_id: 'site', post_logout_redirect_uri: 'https://attacker.example/' }],
    ['a forged hint', { id_token_hint: 'forged', post_logout_redirect_uri: GOODBYE }],
    ['an unknown client', { client_id: 'nobody', post_logout_redirect_uri: GOODBYE }],
  ] as readonly (readonly [string, Record<string, string>])[])(
    'attack 14: with %s there is no redirect and no log-out',
    async (_name, parameters) => {
      const person = system.person()
      await site.signIn(person)
      const hint = parameters['id_token_hint'] === 'forged' ? { id_token_hint: await forgedHint() } : {}
      const query = new URLSearchParams({ ...parameters, ...hint })
      const page = await person.browser.open(`${system.issuer}/session/end?${query.toString()}`)
      expect([page.url.origin, page.status]).toEqual([system.issuer, 400])
      expect(await isSignedIn(person)).toBe(true)
    },
  )

  test('attack 14: a form of another site logs nobody out', async () => {
    const person = system.person()
    await site.signIn(person)
    for (const parameters of [{ logout: 'yes' }, { logout: 'yes', xsrf: 'guessed' }]) {
      const answer = await post(`${system.issuer}/session/end/confirm`, parameters, {
        origin: 'https://attacker.example',
      })
      expect(answer.status).toBe(400)
    }
    expect(await isSignedIn(person)).toBe(true)
  })

  test('attack 14: a site that answers 500 is told again, and it can be seen; the log-out did not wait', async () => {
    const person = system.person()
    await site.signIn(person)
    asked.length = 0
    answers.push(500)
    await confirmLogOut(person, `${system.issuer}/session/end`)
    expect(await isSignedIn(person)).toBe(false)
    const row = async () =>
      (await system.database.query(`SELECT * FROM outbox ORDER BY id DESC LIMIT 1`)).rows[0] as Row
    await expect.poll(async () => (await row()).last_error, { timeout: 10_000 }).toMatch(/500/)
    await expect.poll(async () => (await row()).done_at, { timeout: 10_000 }).not.toBeNull()
    expect(await row()).toMatchObject({ attempts: 2, kind: 'backchannel-logout' })
    expect(asked.filter(({ path }) => path === '/logged-out')).toHaveLength(2)
  })

  test('attack 14: a site that cannot be reached does not hold up the others', async () => {
    const person = system.person()
    const deaf = await openidSite(system, 'deaf')
    await deaf.signIn(person)
    await site.signIn(person)
    asked.length = 0
    await confirmLogOut(person, `${system.issuer}/session/end`)
    await expect.poll(() => asked.some(({ path }) => path === '/logged-out'), { timeout: 10_000 }).toBe(true)
    const { rows } = await system.database.query<Row>(`SELECT * FROM outbox WHERE payload ->> 'clientId' = 'deaf'`)
    expect(rows[0]).toMatchObject({ done_at: null })
  })

  test('another person’s card in the same browser ends the session before it, and the sites are told', async () => {
    const person = system.person()
    const tokens = await site.signIn(person)
    asked.length = 0
    person.useCard('hanako')
    const other = await site.signIn(person, { parameters: { prompt: 'login' } })
    expect(other.claims()?.sub).not.toBe(tokens.claims()?.sub)
    await expect.poll(() => asked.find(({ path }) => path === '/logged-out'), { timeout: 10_000 }).toBeDefined()
    expect(decodeJwt(new URLSearchParams(asked[0]?.body).get('logout_token') ?? '').sub).toBe(tokens.claims()?.sub)
  })

  test('ends what was granted for the session, and leaves what was granted beyond it', async () => {
    const person = system.person()
    const online = await site.signIn(person)
    await confirmLogOut(person, `${system.issuer}/session/end`)
    await expect(
      oidc.fetchUserInfo(site.configuration, online.access_token, online.claims()?.sub ?? ''),
    ).rejects.toThrow()
    const offline = await site.signIn(person, { parameters: { scope: 'openid offline_access' } })
    await confirmLogOut(person, `${system.issuer}/session/end`)
    expect(await oidc.refreshTokenGrant(site.configuration, offline.refresh_token ?? '')).toHaveProperty('access_token')
  })
})

interface Row {
  readonly attempts: number
  readonly last_error: string | null
  readonly done_at: Date | null
}

async function forgedHint(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  return new SignJWT({ sub: 'x' })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(system.issuer)
    .setAudience('site')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
}

describe('attack 15: addresses that a client registered', () => {
  const assertionOf = async (
    clientId: string,
    key: Parameters<SignJWT['sign']>[0],
  ): Promise<Record<string, string>> => ({
    grant_type: 'authorization_code',
    code: 'none',
    redirect_uri: CALLBACK,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(system.issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key),
  })

  test('an allow-listed intranet host is asked for its keys', async () => {
    const keys = await generateKeyPair('ES256', { extractable: true })
    jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one' }] }
    await system.register({ clientId: 'intranet', jwksUri: `${base}/jwks` })
    const answer = await post(`${system.issuer}/token`, await assertionOf('intranet', keys.privateKey))
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test.each([
    ['the metadata service of a cloud', () => 'https://169.254.169.254/latest/meta-data'],
    ['a loopback address that is not listed', () => 'https://[::1]/jwks'],
    ['a private network', () => 'https://10.0.0.1/jwks'],
    ['a name that leads to this machine', () => `${base.replace('127.0.0.1', 'localhost')}/jwks`],
    ['a redirect', () => `${base}/redirect`],
    ['more than anybody needs', () => `${base}/huge`],
  ])('%s is not believed', async (_name, address) => {
    const { privateKey } = await generateKeyPair('ES256')
    const before = asked.filter(({ path }) => path === '/jwks').length
    await system.register({ clientId: 'suspect', jwksUri: address() })
    await expect
      .poll(async () => {
        const answer = await post(`${system.issuer}/token`, await assertionOf('suspect', privateKey))
        return [answer.status, answer.body['error']]
      })
      .toEqual([401, 'invalid_client'])
    expect(asked.filter(({ path }) => path === '/jwks')).toHaveLength(before)
  })

  test('a sector identifier on this machine is not asked: the client does not open', async () => {
    await system.register({ clientId: 'sector', sectorIdentifierUri: 'https://[::1]/sector.json' })
    const response = await fetch(authorizationUrl(system.issuer, { client_id: 'sector' }), { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
  })
})
