import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, decodeProtectedHeader, generateKeyPair, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../examples/resource-server/src/create-api.ts'
import { SECRET, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { someNumber, someText, textLike } from '../support/expected.ts'
import { openidSite, type OpenidSite, type SignInOptions, type SignedIn } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { basic, post, type RawAnswer } from '../support/raw-openid.ts'

const OTHER = 'https://other.example/'
const READS = 'https://reads-jwt.example/'
let system: ConformanceSystem
let site: OpenidSite
let person: PersonWithCard
let server: Server
let resource = ''

beforeAll(async () => {
  system = await startConformanceSystem()
  server = createServer((req, res) => createHandler(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const scopes = ['orders:read', 'orders:pay']
  const api = { redirectUris: [], grantTypes: ['authorization_code' as const] }
  await system.register({ clientId: 'api', ...api, resourceServer: { resource, scopes } })
  await system.register({ clientId: 'other-api', ...api, resourceServer: { resource: OTHER, scopes: ['read'] } })
  const jwt = { resource: READS, scopes: ['read'], accessTokenFormat: 'jwt' as const }
  await system.register({ clientId: 'jwt-api', ...api, resourceServer: jwt })
  const resources = [
    { resource, scopes },
    { resource: OTHER, scopes: ['read'] },
    { resource: READS, scopes: ['read'] },
  ]
  const grantTypes = ['authorization_code' as const, 'refresh_token' as const]
  await system.register({ clientId: 'site', grantTypes, resources })
  await system.register({ clientId: 'narrow', resources: [{ resource, scopes: ['orders:read'] }] })
  await system.register({ clientId: 'unchecked', revocationPolicy: 'allow-unchecked', resources })
  await system.register({ clientId: 'bound', requireDpop: true, resources })
  await system.register({ clientId: 'public', subjectType: 'public' })
  await system.register({
    clientId: 'public-too',
    subjectType: 'public',
    redirectUris: [CALLBACK, 'https://two.example/cb'],
  })
  await system.register({
    clientId: 'machine',
    redirectUris: [],
    grantTypes: ['client_credentials'],
    resources: [{ resource, scopes: ['orders:read'] }],
  })
  const handler = createApi({ issuer: system.issuer, clientId: 'api', clientSecret: SECRET, resource })
  createHandler = (req, res) => {
    handler(req, res)
  }
  site = await openidSite(system, 'site')
  person = system.person()
  await site.signIn(person)
})
afterAll(async () => {
  server.close()
  await system.close()
})

const CALLBACK = 'http://localhost:1/cb'
let createHandler: Parameters<typeof createServer>[1] & ((...args: never[]) => unknown) = () => undefined

const forApi = (scope = 'openid orders:read orders:pay'): SignInOptions => ({ parameters: { scope, resource } })
const introspect = (token: unknown, clientId = 'api', headers: Record<string, string> = {}): Promise<RawAnswer> =>
  post(`${system.issuer}/token/introspection`, { token: String(token) }, { ...basic(clientId), ...headers })
const callApi = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, resource), {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
  })
const accountOf = async (tokens: SignedIn): Promise<string> => {
  const { rows } = await system.database.query<{ account_id: string }>(
    'SELECT account_id FROM subjects WHERE sub = $1',
    [tokens.claims()?.sub],
  )
  return rows[0]?.account_id ?? ''
}

describe('a token for an API', () => {
  test('tells it exactly what it may know', async () => {
    const tokens = await site.signIn(person, forApi())
    const { status, body } = await introspect(tokens.access_token)
    expect(status).toBe(200)
    expect(body).toEqual({
      active: true,
      sub: textLike(/^[\w-]{43}$/),
      client_id: 'site',
      scope: 'orders:read orders:pay',
      aud: resource,
      iss: system.issuer,
      iat: someNumber,
      exp: someNumber,
      token_type: 'Bearer',
      acr: 'phrh',
      amr: ['sc', 'hwk', 'pin', 'mfa', 'user'],
      auth_time: someNumber,
      cert_status: { status: 'good', method: 'ocsp', source: someText, checked_at: someNumber },
    })
    // each audience knows the person by a name of its own, and nobody by the number of the account
    expect(body['sub']).not.toBe(tokens.claims()?.sub)
    expect(JSON.stringify(body)).not.toContain(await accountOf(tokens))
  })

  test('is not for userinfo, and one for userinfo is not for an API', async () => {
    const [forIt, forUserinfo] = [await site.signIn(person, forApi()), await site.signIn(person)]
    await expect(
      oidc.fetchUserInfo(site.configuration, forIt.access_token, forIt.claims()?.sub ?? ''),
    ).rejects.toThrow()
    expect((await introspect(forUserinfo.access_token)).body).toEqual({ active: false })
  })

  test('a client gets no more scopes than it registered', async () => {
    const narrow = await openidSite(system, 'narrow')
    const tokens = await narrow.signIn(person, forApi())
    expect((await introspect(tokens.access_token)).body).toMatchObject({ scope: 'orders:read' })
  })

  test('its subject stays the same for the same person and API', async () => {
    const [one, two] = [await site.signIn(person, forApi()), await site.signIn(system.person(), forApi())]
    const subjects = await Promise.all(
      [one, two].map(async (tokens) => (await introspect(tokens.access_token)).body['sub']),
    )
    expect(subjects[0]).toBe(subjects[1])
  })

  test('public subjects are shared by those who registered so, and are not the account', async () => {
    const [one, two] = [await openidSite(system, 'public'), await openidSite(system, 'public-too')]
    const [first, second] = [await one.signIn(person), await two.signIn(person)]
    expect(first.claims()?.sub).toBe(second.claims()?.sub)
    expect(first.claims()?.sub).not.toBe((await site.signIn(person)).claims()?.sub)
    expect(first.claims()?.sub).not.toBe(await accountOf(first))
  })
})

describe('attack 16: exactly {"active":false}, and nothing else', () => {
  const INACTIVE = '{"active":false}'

  test('for an API it is not meant for, its own client, a refresh token, an unknown and a malformed one', async () => {
    const parameters = { scope: 'openid offline_access orders:read', resource }
    const tokens = await site.signIn(person, { parameters })
    const answers = [
      await introspect(tokens.access_token, 'other-api'),
      await introspect(tokens.access_token, 'site'),
      await introspect(tokens.refresh_token),
      await introspect(tokens.refresh_token, 'site'),
      await introspect(`skat_${'x'.repeat(43)}`),
      await introspect('x'),
      await introspect('a.b.c'),
      await introspect(tokens.id_token),
    ]
    for (const { status, text, headers } of answers) {
      expect([status, text, headers.get('content-type')]).toEqual([200, INACTIVE, 'application/json; charset=utf-8'])
    }
    expect((await introspect(tokens.access_token)).body).toMatchObject({ active: true })
  })

  test('for one that was revoked or is over', async () => {
    const [revoked, over] = [await site.signIn(person, forApi()), await site.signIn(person, forApi())]
    await oidc.tokenRevocation(site.configuration, over.access_token)
    expect((await introspect(over.access_token)).text).toBe(INACTIVE)
    await system.database.query(
      `UPDATE oidc_artifacts SET payload = payload || '{"exp": 1}' WHERE model = 'AccessToken'`,
    )
    expect((await introspect(revoked.access_token)).text).toBe(INACTIVE)
  })

  test.each([
    ['the account is suspended', 'accounts', `status = 'suspended'`, `status = 'active'`, 'id'],
    ['the account is closed', 'accounts', `status = 'closed'`, `status = 'active'`, 'id'],
    ['the card is revoked', 'credentials', `status = 'revoked'`, `status = 'current'`, 'account_id'],
    ['the card is unlinked', 'credentials', `status = 'unlinked'`, `status = 'current'`, 'account_id'],
  ])('at once when %s, and so are sessions', async (_name, table, change, restore, key) => {
    const hanako = system.person('hanako')
    const tokens = await site.signIn(hanako, forApi())
    const account = await accountOf(tokens)
    expect((await introspect(tokens.access_token)).body).toMatchObject({ active: true })
    await system.database.query(`UPDATE ${table} SET ${change} WHERE ${key} = $1`, [account])
    expect((await introspect(tokens.access_token)).text).toBe(INACTIVE)
    const silent = await site.begin(hanako, { parameters: { prompt: 'none' } })
    expect(silent.address.searchParams.get('error')).toBe('login_required')
    await system.database.query(`UPDATE ${table} SET ${restore} WHERE ${key} = $1`, [account])
    expect((await introspect(tokens.access_token)).body).toMatchObject({ active: true })
  })

  test('when the client is disabled', async () => {
    await system.register({ clientId: 'short-lived', resources: [{ resource, scopes: ['orders:read'] }] })
    const tokens = await (await openidSite(system, 'short-lived')).signIn(person, forApi())
    await system.database.query(`UPDATE clients SET disabled_at = now() WHERE client_id = 'short-lived'`)
    await expect.poll(async () => (await introspect(tokens.access_token)).text, { timeout: 5000 }).toBe(INACTIVE)
  })

  test('and without authentication an error', async () => {
    const answer = await post(`${system.issuer}/token/introspection`, { token: 'skat_x', client_id: 'api' })
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })
})

describe('JWTs', () => {
  const keysOf = () => createRemoteJWKSet(new URL(`${system.issuer}/jwks`))

  test('an introspection answer, RFC 9701', async () => {
    const { access_token: token } = await site.signIn(person, forApi())
    const { text, headers } = await introspect(token, 'api', { accept: 'application/token-introspection+jwt' })
    expect(headers.get('content-type')).toMatch(/^application\/token-introspection\+jwt/)
    const { payload } = await jwtVerify(text, keysOf(), { issuer: system.issuer, typ: 'token-introspection+jwt' })
    expect(payload['token_introspection']).toEqual((await introspect(token)).body)
    const { text: inactive } = await introspect('x', 'api', { accept: 'application/token-introspection+jwt' })
    expect((await jwtVerify(inactive, keysOf())).payload['token_introspection']).toEqual({ active: false })
  })

  test('an access token, RFC 9068, for an API that cannot ask', async () => {
    const parameters = { scope: 'openid read', resource: READS }
    const tokens = await site.signIn(person, { parameters })
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' })
    const { payload } = await jwtVerify(tokens.access_token, keysOf(), { issuer: system.issuer, audience: READS })
    expect(payload).toMatchObject({ client_id: 'site', scope: 'read', acr: 'phrh', auth_time: someNumber })
    expect(payload).not.toHaveProperty('credential_id')
    expect(payload.sub).not.toBe(tokens.claims()?.sub)
    expect(JSON.stringify(payload)).not.toContain(await accountOf(tokens))
    expect((await introspect(tokens.access_token, 'jwt-api')).text).toBe('{"active":false}')
  })
})

describe('resource indicators', () => {
  test('an API that is not registered for the client is refused', async () => {
    const narrow = await openidSite(system, 'narrow')
    const { address } = await narrow.begin(person, { parameters: { resource: OTHER } })
    expect(address.searchParams.get('error')).toBe('invalid_target')
  })

  test('of two that were granted, the token endpoint gives one at a time', async () => {
    const request = new URLSearchParams([
      ['scope', 'openid offline_access orders:read read'],
      ['resource', resource],
      ['resource', OTHER],
    ])
    const verifier = oidc.randomPKCECodeVerifier()
    request.set('code_challenge', await oidc.calculatePKCECodeChallenge(verifier))
    request.set('code_challenge_method', 'S256')
    request.set('redirect_uri', CALLBACK)
    const address = await person.authorize(oidc.buildAuthorizationUrl(site.configuration, request))
    const tokens = await oidc.authorizationCodeGrant(
      site.configuration,
      address,
      { pkceCodeVerifier: verifier },
      { resource },
    )
    expect((await introspect(tokens.access_token)).body).toMatchObject({ aud: resource, scope: 'orders:read' })
    const next = await oidc.refreshTokenGrant(site.configuration, tokens.refresh_token ?? '', { resource: OTHER })
    expect((await introspect(next.access_token, 'other-api')).body).toMatchObject({ aud: OTHER, scope: 'read' })
    expect((await introspect(next.access_token)).text).toBe('{"active":false}')
  })
})

describe('client_credentials', () => {
  test('give a program a token of its own, without a person', async () => {
    const machine = await openidSite(system, 'machine')
    const tokens = await oidc.clientCredentialsGrant(machine.configuration, { scope: 'orders:read orders:pay' })
    expect(tokens.access_token).toMatch(/^skcc_/)
    const { body } = await introspect(tokens.access_token)
    expect(body).toMatchObject({ active: true, client_id: 'machine', scope: 'orders:read', aud: resource })
    expect(body).not.toHaveProperty('sub')
    expect(body).not.toHaveProperty('acr')
    expect((await callApi('/orders', tokens.access_token)).status).toBe(200)
    expect((await callApi('/orders/1/payment', tokens.access_token, { method: 'POST' })).status).toBe(403)
  })

  test.each([
    ['another API', { resource: OTHER }, 'invalid_target'],
    ['no API at all', { resource: 'not an address' }, 'invalid_target'],
  ])('for %s are refused', async (_name, change, error) => {
    const parameters = { grant_type: 'client_credentials', ...change }
    expect(await post(`${system.issuer}/token`, parameters, basic('machine'))).toMatchObject({
      status: 400,
      body: { error },
    })
  })
})

describe('the sample API', () => {
  test.each([
    ['no token', '', 401, 'Bearer'],
    ['a token nobody gave', `skat_${'x'.repeat(43)}`, 401, 'Bearer error="invalid_token"'],
  ])('refuses %s', async (_name, token, status, challenge) => {
    const response = await callApi('/orders', token, token === '' ? { headers: { authorization: '' } } : {})
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([status, challenge])
  })

  test('refuses a token that is too narrow', async () => {
    const { access_token: token } = await site.signIn(person, forApi('openid orders:read'))
    expect((await callApi('/orders', token)).status).toBe(200)
    const response = await callApi('/orders/1/payment', token, { method: 'POST' })
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="orders:pay"')
  })

  test('a bound token is refused as a bearer token, and taken with its proof, once', async () => {
    const bound = await openidSite(system, 'bound')
    const dpop = oidc.getDPoPHandle(bound.configuration, await generateKeyPair('ES256'))
    const { access_token: token } = await bound.signIn(person, { ...forApi(), dpop })
    expect((await introspect(token)).body).toMatchObject({ cnf: { jkt: someText }, token_type: 'DPoP' })
    expect((await callApi('/orders', token)).status).toBe(401)
    const proofs: string[] = []
    bound.configuration[oidc.customFetch] = (address, options) => {
      proofs.push(options.headers['dpop'] ?? '')
      return fetch(address, options as RequestInit)
    }
    const orders = new URL('/orders', resource)
    const own = await oidc.fetchProtectedResource(bound.configuration, token, orders, 'GET', null, undefined, {
      DPoP: dpop,
    })
    expect(proofs).toEqual([textLike(/^ey/)])
    expect(own.status).toBe(200)
    const stolen = { authorization: `DPoP ${token}`, dpop: proofs[0] ?? '' }
    expect((await fetch(new URL('/orders', resource), { headers: stolen })).status).toBe(401)
  })

  test('step-up: asks for a stronger sign-in, which a new tap of the card gives (RFC 9470)', async () => {
    const weak = await openidSite(system, 'unchecked')
    const stranger = system.person('one-try-left')
    system.jpki.misbehave({ ocsp: 'try-later' })
    const first = await weak.signIn(stranger, forApi())
    system.jpki.misbehave({})
    expect(first.claims()).toMatchObject({ acr: 'urn:sekisho:acr:revocation-unchecked' })

    const refused = await callApi('/orders/1/payment', first.access_token, { method: 'POST' })
    const challenge = refused.headers.get('www-authenticate') ?? ''
    expect([refused.status, challenge]).toEqual([401, textLike(/insufficient_user_authentication/)])
    const wanted: Record<string, string> = Object.fromEntries(
      [...challenge.matchAll(/(acr_values|max_age)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    )
    expect(wanted).toEqual({ acr_values: 'phrh', max_age: '300' })

    const second = await weak.signIn(stranger, { parameters: { ...forApi().parameters, ...wanted } })
    expect(stranger.taps).toBe(2)
    expect((await callApi('/orders/1/payment', second.access_token, { method: 'POST' })).status).toBe(201)
    // the first token still says how its own sign-in was
    expect((await introspect(first.access_token)).body).toMatchObject({ acr: 'urn:sekisho:acr:revocation-unchecked' })
  })

  test('attack 11: while revocation cannot be asked, an essential acr is never met by less', async () => {
    const weak = await openidSite(system, 'unchecked')
    const stranger = system.person('pin-locked')
    system.jpki.misbehave({ ocsp: 'try-later' })
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'phrh' } } })
    const page = await stranger.open(
      oidc.buildAuthorizationUrl(weak.configuration, {
        redirect_uri: CALLBACK,
        scope: 'openid',
        claims,
        code_challenge: 'c'.repeat(43),
        code_challenge_method: 'S256',
      }),
    )
    system.jpki.misbehave({})
    expect(page.url.origin).toBe(system.issuer)
    expect(page.html).toMatch(/REV_\w+/)
  })
})
