import fc from 'fast-check'
import * as oidc from 'openid-client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { someNumber, someText } from '../support/expected.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, basic, get, post, responseIn, VERIFIER } from '../support/raw-openid.ts'

let system: ConformanceSystem
let site: OpenidSite
let person: PersonWithCard

beforeAll(async () => {
  system = await startConformanceSystem()
  await system.register({ clientId: 'site', grantTypes: ['authorization_code', 'refresh_token'] })
  await system.register({ clientId: 'other' })
  await system.register({ clientId: 'native', applicationType: 'native', redirectUris: ['http://127.0.0.1/cb'] })
  await system.register({ clientId: 'pushing', requirePushedAuthorizationRequests: true })
  site = await openidSite(system, 'site')
  person = system.person()
  await site.signIn(person)
})
afterAll(() => system.close())

describe('discovery', () => {
  test('attack 10: the issuer is exactly the issuer, and every endpoint is under it', async () => {
    const { body } = await get(`${system.issuer}/.well-known/openid-configuration`)
    expect(body['issuer']).toBe(system.issuer)
    for (const [name, value] of Object.entries(body)) {
      if (name.endsWith('_endpoint') || name.endsWith('_uri')) expect(value).toMatch(new RegExp(`^${system.issuer}/`))
    }
  })

  test('says what is there, and nothing that is not', async () => {
    const { body } = await get(`${system.issuer}/.well-known/openid-configuration`)
    expect(body).toMatchObject({
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'jwt', 'query.jwt'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'none'],
      subject_types_supported: ['pairwise', 'public'],
      scopes_supported: ['openid', 'offline_access'],
      acr_values_supported: ['phrh', 'urn:sekisho:acr:revocation-unchecked'],
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
      backchannel_logout_supported: true,
    })
    expect((body['grant_types_supported'] as string[]).toSorted()).toEqual([
      'authorization_code',
      'client_credentials',
      'refresh_token',
    ])
    expect((body['id_token_signing_alg_values_supported'] as string[]).toSorted()).toEqual([
      'ES256',
      'EdDSA',
      'PS256',
      'RS256',
    ])
    for (const [name, value] of Object.entries(body)) {
      if (!name.endsWith('_alg_values_supported')) continue
      expect(value, name).not.toContain('none')
      expect(value, name).not.toContain('HS256')
    }
  })
})

describe('a request that is refused at the site, with its reason and the issuer', () => {
  test.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is too short', { code_challenge: 'short' }, 'invalid_request'],
    ['response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type id_token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['response_type code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['response_mode fragment', { response_mode: 'fragment' }, 'unsupported_response_mode'],
    ['response_mode form_post', { response_mode: 'form_post' }, 'unsupported_response_mode'],
    ['response_mode form_post.jwt', { response_mode: 'form_post.jwt' }, 'unsupported_response_mode'],
    ['prompt none and login', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['max_age below zero', { max_age: '-1' }, 'invalid_request'],
    ['max_age in words', { max_age: 'soon' }, 'invalid_request'],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
    ['login_hint', { login_hint: 'taro' }, 'invalid_request'],
    ['registration', { registration: '{}' }, 'registration_not_supported'],
    ['request_uri of somewhere', { request_uri: 'https://attacker.example/r' }, 'request_uri_not_supported'],
    ['a resource nobody registered', { resource: 'https://nobody.example/' }, 'invalid_target'],
    ['attack 8: an id_token_hint without a signature', { id_token_hint: unsigned({ aud: 'site' }) }, 'invalid_request'],
    ['an unknown essential acr', { claims: essentialAcr('urn:none') }, 'unmet_authentication_requirements'],
  ])('%s', async (_name, changes, error) => {
    const { headers } = await get(authorizationUrl(system.issuer, changes))
    const response = responseIn(headers.get('location'))
    expect(response).toMatchObject({ error, state: 'the state', iss: system.issuer })
    // two errors say it all by their name
    if (!error.endsWith('_not_supported')) expect(response['error_description']).toMatch(/\w/)
    expect(response).not.toHaveProperty('code')
  })

  test('attack 18: a parameter twice', async () => {
    const { headers } = await get(`${authorizationUrl(system.issuer)}&nonce=1&nonce=2`)
    expect(responseIn(headers.get('location'))).toMatchObject({ error: 'invalid_request', iss: system.issuer })
  })

  test('prompt=none without a session: attack 11', async () => {
    const stranger = system.person()
    const address = await stranger.authorize(authorizationUrl(system.issuer, { prompt: 'none' }))
    expect(responseIn(address)).toMatchObject({ error: 'login_required', iss: system.issuer })
    expect(stranger.taps).toBe(0)
  })
})

describe('attack 1: a redirect address that is not the registered one', () => {
  const refused = async (clientId: string, redirectUri: string): Promise<void> => {
    const answer = await get(authorizationUrl(system.issuer, { client_id: clientId, redirect_uri: redirectUri }), {
      accept: 'text/html',
    })
    expect(answer.status, redirectUri).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.text).not.toContain(`href="${redirectUri}"`)
  }

  test.each([
    'http://localhost:1/CB',
    'http://localhost:1/cb/',
    'http://localhost:1/c%62',
    'http://localhost:1/x/%2e%2e/cb',
    'http://localhost:1/cb?next=1',
    'http://localhost:1/cb#',
    'http://localhost:1/cb#here',
    'http://localhost:2/cb',
    'http://localhost/cb',
    'http://LOCALHOST:1/cb',
    'http://user@localhost:1/cb',
    'http://localhost:1@attacker.example/cb',
    'http://127.0.0.1:1/cb',
    'https://localhost:1/cb',
    'http://localhost.attacker.example:1/cb',
    '//localhost:1/cb',
    'javascript:alert(1)',
    '',
  ])('%s', (redirectUri) => refused('site', redirectUri))

  test('none at all', async () => {
    const answer = await get(authorizationUrl(system.issuer, { redirect_uri: undefined }), { accept: 'text/html' })
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
  })

  test('of many mutations none is accepted', async () => {
    const mutation = fc.oneof(
      fc
        .tuple(fc.nat(CALLBACK.length - 1), fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }))
        .map(([at, text]) => CALLBACK.slice(0, at) + text + CALLBACK.slice(at)),
      fc.nat(CALLBACK.length - 1).map((at) => CALLBACK.slice(0, at) + CALLBACK.slice(at + 1)),
      fc
        .nat(CALLBACK.length - 1)
        .map((at) => CALLBACK.slice(0, at) + CALLBACK.charAt(at).toUpperCase() + CALLBACK.slice(at + 1)),
      fc
        .nat(CALLBACK.length - 1)
        .map((at) => `${CALLBACK.slice(0, at)}%${CALLBACK.charCodeAt(at).toString(16)}${CALLBACK.slice(at + 1)}`),
    )
    await fc.assert(
      fc.asyncProperty(
        mutation.filter((text) => text !== CALLBACK),
        (text) => refused('site', text),
      ),
      { numRuns: 100, seed: 20261122 },
    )
  })

  test.each(['http://127.0.0.1:4711/cb', 'http://127.0.0.1/cb'])(
    'a native application may have any port of its loopback address: %s (RFC 8252 §7.3)',
    async (redirectUri) => {
      const { headers } = await get(authorizationUrl(system.issuer, { client_id: 'native', redirect_uri: redirectUri }))
      expect(headers.get('location')).toMatch(/\/interaction\//)
    },
  )

  test.each(['http://127.0.0.1:4711/other', 'http://localhost:4711/cb', 'http://127.0.0.2/cb'])(
    'and nothing else: %s',
    (redirectUri) => refused('native', redirectUri),
  )
})

describe('a pushed request', () => {
  const push = (changes: Record<string, string> = {}, clientId = 'site') =>
    post(
      `${system.issuer}/request`,
      Object.fromEntries(new URL(authorizationUrl(system.issuer, { client_id: clientId, ...changes })).searchParams),
      basic(clientId),
    )

  test('signs in, and attack 6: is good once', async () => {
    const { body, status } = await push()
    expect([status, body['expires_in']]).toEqual([201, 60])
    const address = authorizationUrl(system.issuer, { ...NOTHING, request_uri: String(body['request_uri']) })
    expect(responseIn(await person.authorize(address))).toHaveProperty('code')
    const again = await get(address, { accept: 'text/html' })
    expect([again.status, again.headers.get('location')]).toEqual([400, null])
  })

  test('attack 6: is of no use to another client, nor when it is unknown', async () => {
    const { body } = await push()
    for (const change of [
      { client_id: 'other', request_uri: String(body['request_uri']) },
      { request_uri: 'urn:ietf:params:oauth:request_uri:unknown' },
    ]) {
      const answer = await get(authorizationUrl(system.issuer, { ...NOTHING, ...change }), { accept: 'text/html' })
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    }
  })

  test('attack 6: expires after its minute', async () => {
    const { body } = await push()
    await system.database.query(
      `UPDATE oidc_artifacts SET payload = payload || '{"exp": 1}' WHERE model = 'PushedAuthorizationRequest'`,
    )
    const answer = await get(
      authorizationUrl(system.issuer, { ...NOTHING, request_uri: String(body['request_uri']) }),
      {
        accept: 'text/html',
      },
    )
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
  })

  test.each([
    ['a foreign redirect address', { redirect_uri: 'https://attacker.example/' }, 'site', 400, 'invalid_request'],
    ['no PKCE', { code_challenge: '' }, 'site', 400, 'invalid_request'],
    ['a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'site', 400, 'request_uri_not_supported'],
    ['an unknown client', {}, 'nobody', 401, 'invalid_client'],
  ])('with %s is refused', async (_name, changes, clientId, status, error) => {
    expect(await push(changes, clientId)).toMatchObject({ status, body: { error } })
  })

  test('without the secret is refused', async () => {
    const answer = await post(`${system.issuer}/request`, { client_id: 'site', response_type: 'code' })
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('is demanded of a client that registered so', async () => {
    const { headers } = await get(authorizationUrl(system.issuer, { client_id: 'pushing' }))
    expect(responseIn(headers.get('location'))).toMatchObject({ error: 'invalid_request' })
    const pushing = await openidSite(system, 'pushing')
    expect((await pushing.signIn(person, { by: 'pushed' })).claims()).toMatchObject({ aud: 'pushing' })
  })
})

describe('when the card is tapped', () => {
  test('once, then the session serves other sites too', async () => {
    const taps = person.taps
    const other = await openidSite(system, 'other')
    await site.signIn(person)
    await other.signIn(person)
    expect(person.taps).toBe(taps)
  })

  test.each([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
  ])('attack 11: again with %s, and auth_time tells the truth', async (_name, parameters) => {
    const taps = person.taps
    const before = Math.floor(Date.now() / 1000)
    const tokens = await site.signIn(person, { parameters })
    expect(person.taps).toBe(taps + 1)
    expect(tokens.claims()?.auth_time).toBeGreaterThanOrEqual(before)
  })

  test('attack 11: when the last tap is older than max_age, and not before', async () => {
    const fresh = system.person()
    await site.signIn(fresh)
    await site.signIn(fresh, { parameters: { max_age: '60' } })
    expect(fresh.taps).toBe(1)
  })

  test('the ID token says who, how and when', async () => {
    const claims = (await site.signIn(person)).claims()
    expect(claims).toMatchObject({
      iss: system.issuer,
      aud: 'site',
      acr: 'phrh',
      amr: ['sc', 'hwk', 'pin', 'mfa', 'user'],
    })
    expect(claims?.sub).toMatch(/^[\w-]{43}$/)
    expect(claims).not.toHaveProperty('cert_status')
  })

  test('claims: cert_status comes on request', async () => {
    const claims = JSON.stringify({ id_token: { cert_status: null }, userinfo: { cert_status: null } })
    const tokens = await site.signIn(person, { parameters: { claims } })
    const status = { status: 'good', method: 'ocsp', source: someText, checked_at: someNumber }
    expect(tokens.claims()?.['cert_status']).toEqual(status)
    const info = await oidc.fetchUserInfo(site.configuration, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(info['cert_status']).toEqual(status)
  })

  test.each(['acr_values', 'essential'])('attack 11: %s phrh is met', async (how) => {
    const parameters = how === 'essential' ? { claims: essentialAcr('phrh') } : { acr_values: 'phrh' }
    expect((await site.signIn(person, { parameters })).claims()).toMatchObject({ acr: 'phrh' })
  })

  test('id_token_hint of the same person goes on, of another asks for their card', async () => {
    const { id_token: hint = '' } = await site.signIn(person)
    const same = await person.authorize(authorizationUrl(system.issuer, { id_token_hint: hint, prompt: 'none' }))
    expect(responseIn(same)).toHaveProperty('code')
    const hanako = system.person('hanako')
    await site.signIn(hanako)
    const other = await hanako.authorize(authorizationUrl(system.issuer, { id_token_hint: hint, prompt: 'none' }))
    expect(responseIn(other)).toMatchObject({ error: 'login_required' })
  })

  test('ui_locales chooses the language of the page', async () => {
    for (const locale of ['ja', 'en']) {
      const page = await system.person().browser.open(authorizationUrl(system.issuer, { ui_locales: locale }))
      expect(page.html).toContain(`lang="${locale}"`)
    }
  })
})

describe('attack 41: a browser that was held back between the tap and going on', () => {
  /** Everybody is signed out as the tap is written down, and before anything is made of it. */
  const holdBack = async (seconds: number): Promise<void> => {
    await system.database.query(`CREATE OR REPLACE FUNCTION sign_everybody_out() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE accounts SET sign_outs = sign_outs + 1;
        NEW.payload := jsonb_set(NEW.payload, '{result,login,ts}', to_jsonb((NEW.payload #>> '{result,login,ts}')::int - ${seconds}));
        RETURN NEW;
      END $$`)
    await system.database.query(`CREATE TRIGGER held_back BEFORE UPDATE ON oidc_artifacts FOR EACH ROW
      WHEN (NEW.model = 'Interaction' AND NEW.payload -> 'result' ? 'login') EXECUTE FUNCTION sign_everybody_out()`)
  }
  afterEach(() => system.database.query('DROP FUNCTION sign_everybody_out CASCADE'))

  test('is asked for the card again, when everybody was signed out meanwhile', async () => {
    await holdBack(11)
    const held = system.person('hanako')
    const page = await held.open(authorizationUrl(system.issuer))
    expect([held.taps, page.url.origin, responseIn(page.url)]).toEqual([1, system.issuer, {}])
    expect(page.html).toContain('id="use-card"')
  })

  test('gets a code and a session that are worth nothing, when that was a moment ago', async () => {
    await holdBack(0)
    const held = system.person('hanako')
    const { code = '' } = responseIn(await held.authorize(authorizationUrl(system.issuer)))
    const redeemed = await post(
      `${system.issuer}/token`,
      { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
      basic('site'),
    )
    expect(redeemed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const again = await held.authorize(authorizationUrl(system.issuer, { prompt: 'none' }))
    expect(responseIn(again)).toMatchObject({ error: 'login_required' })
  })
})

const NOTHING = {
  response_type: undefined,
  scope: undefined,
  redirect_uri: undefined,
  code_challenge: undefined,
  code_challenge_method: undefined,
  state: undefined,
}

function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'x', exp: 9999999999, iat: 1, ...claims })}.`
}

function essentialAcr(value: string): string {
  return JSON.stringify({ id_token: { acr: { essential: true, value } } })
}
