import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { someNumber, someText } from '../support/expected.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import {
  authorizationUrl,
  basic,
  CHALLENGE,
  get,
  post,
  responseIn,
  VERIFIER,
  withoutUndefined,
} from '../support/raw-openid.ts'

let system: ConformanceSystem
let person: PersonWithCard
let keys: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey }
let fapi: OpenidSite

beforeAll(async () => {
  system = await startConformanceSystem()
  keys = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one' } as unknown as { kty: 'EC' }] }
  await system.register({
    clientId: 'signing',
    jwks,
    tokenEndpointAuthMethod: 'none',
    requireSignedRequestObject: true,
  })
  await system.register({ clientId: 'site' })
  await system.register({
    clientId: 'fapi',
    jwks,
    profile: 'fapi2',
    grantTypes: ['authorization_code', 'refresh_token'],
  })
  fapi = await openidSite(system, 'fapi', oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' }))
  person = system.person()
  await (await openidSite(system, 'site')).signIn(person)
})
afterAll(() => system.close())

describe('a signed request (JAR, RFC 9101)', () => {
  const claimsOf = (): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1000)
    return {
      ...REQUEST,
      client_id: 'signing',
      iss: 'signing',
      aud: system.issuer,
      iat: now,
      nbf: now,
      exp: now + 60,
      jti: randomUUID(),
    }
  }
  const signed = (changes: object = {}, { alg = 'ES256', key = keys.privateKey, header = {} } = {}) =>
    new SignJWT({ ...claimsOf(), ...changes })
      .setProtectedHeader({ alg, kid: 'one', typ: 'oauth-authz-req+jwt', ...header })
      .sign(key)
  const addressOf = (request: string): string =>
    `${system.issuer}/auth?${new URLSearchParams({ client_id: 'signing', request }).toString()}`

  test('is what counts, as openid-client makes it', async () => {
    const configuration = (await openidSite(system, 'signing', oidc.None())).configuration
    const address = await oidc.buildAuthorizationUrlWithJAR(
      configuration,
      { ...REQUEST, scope: 'openid' },
      { key: keys.privateKey, kid: 'one' },
    )
    address.searchParams.set('state', 'of an attacker')
    expect(responseIn(await person.authorize(address))).toMatchObject({
      code: someText,
      state: 'signed state',
    })
  })

  test('is demanded of a client that registered so', async () => {
    const { headers } = await get(authorizationUrl(system.issuer, { client_id: 'signing' }))
    expect(responseIn(headers.get('location'))).toMatchObject({ error: 'invalid_request', iss: system.issuer })
  })

  test('attack 8: none, HS256 with the public key, a foreign key with jwk or jku, and another’s claims are refused', async () => {
    const foreign = await generateKeyPair('ES256', { extractable: true })
    const publicKey = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)))
    const unsigned = (await signed()).split('.').with(0, Buffer.from('{"alg":"none"}').toString('base64url'))
    const attempts: readonly (readonly [string, string])[] = [
      ['none', `${unsigned.slice(0, 2).join('.')}.`],
      ['HS256', await signed({}, { alg: 'HS256', key: publicKey as never })],
      ['foreign key', await signed({}, { key: foreign.privateKey })],
      ['jwk', await signed({}, { key: foreign.privateKey, header: { jwk: await exportJWK(foreign.publicKey) } })],
      ['jku', await signed({}, { key: foreign.privateKey, header: { jku: 'https://attacker.example/jwks' } })],
      ['other audience', await signed({ aud: 'https://attacker.example' })],
      ['other issuer', await signed({ iss: 'site' })],
      ['other client', await signed({ client_id: 'site' })],
      ['over', await signed({ exp: 1 })],
      ['nested', await signed({ request: 'x' })],
      ['garbage', 'a.b.c'],
    ]
    for (const [name, request] of attempts) {
      const { headers, status } = await get(addressOf(request), { accept: 'text/html' })
      expect([name, status, responseIn(headers.get('location'))['code']]).toEqual([name, someNumber, undefined])
      if (status === 303)
        expect(responseIn(headers.get('location'))['error'], name).toMatch(/^invalid_request(_object)?$/)
      else expect(status, name).toBe(400)
    }
  })
})

describe('a signed response (JARM)', () => {
  test('signs in, and names its issuer and audience', async () => {
    const { configuration } = await openidSite(system, 'site')
    oidc.useJwtResponseMode(configuration)
    const address = await person.authorize(oidc.buildAuthorizationUrl(configuration, { ...REQUEST, scope: 'openid' }))
    expect([...address.searchParams.keys()]).toEqual(['response'])
    const checks = { pkceCodeVerifier: VERIFIER, expectedState: 'signed state' }
    expect((await oidc.authorizationCodeGrant(configuration, address, checks)).claims()).toMatchObject({ aud: 'site' })
  })

  test('attack 10: an error is signed too', async () => {
    const { headers } = await get(authorizationUrl(system.issuer, { response_mode: 'jwt', prompt: 'none login' }))
    const response = responseIn(headers.get('location'))['response'] ?? ''
    const payload = JSON.parse(Buffer.from(response.split('.')[1] ?? '', 'base64url').toString()) as object
    expect(payload).toMatchObject({ error: 'invalid_request', iss: system.issuer, aud: 'site' })
  })
})

describe('the FAPI 2.0 profile', () => {
  test('signs in with everything it asks for, and a refresh token is not rotated', async () => {
    const dpop = oidc.getDPoPHandle(fapi.configuration, await generateKeyPair('ES256'))
    const tokens = await fapi.signIn(person, { by: 'pushed', dpop, parameters: { scope: 'openid offline_access' } })
    expect(tokens.token_type).toBe('dpop')
    const again = await oidc.refreshTokenGrant(fapi.configuration, tokens.refresh_token ?? '', undefined, {
      DPoP: dpop,
    })
    expect(again.refresh_token ?? tokens.refresh_token).toBe(tokens.refresh_token)
  })

  test('refuses a request that was not pushed', async () => {
    const { headers } = await get(authorizationUrl(system.issuer, { client_id: 'fapi' }))
    expect(responseIn(headers.get('location'))).toMatchObject({ error: 'invalid_request', iss: system.issuer })
  })

  test('refuses tokens without a key', async () => {
    await expect(fapi.signIn(person, { by: 'pushed' })).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test.each([
    ['no authentication', { client_id: 'fapi' }, {}],
    ['a secret', {}, basic('fapi')],
  ])('refuses %s', async (_name, parameters, headers) => {
    const answer = await post(`${system.issuer}/request`, { ...REQUEST, ...parameters }, headers)
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  const assertion = async (aud: unknown, alg = 'ES256'): Promise<string> => {
    const key = alg === 'ES256' ? keys.privateKey : (await generateKeyPair(alg)).privateKey
    return new SignJWT({ aud: aud as string, jti: randomUUID() })
      .setProtectedHeader({ alg, kid: 'one' })
      .setIssuer('fapi')
      .setSubject('fapi')
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key)
  }
  const push = (clientAssertion: string, changes: Record<string, string | undefined> = {}) => {
    const parameters = {
      ...REQUEST,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_id: 'fapi',
      client_assertion: clientAssertion,
      ...changes,
    }
    return post(`${system.issuer}/request`, withoutUndefined(parameters))
  }

  test('takes the issuer as the one audience of an assertion, and no RS256', async () => {
    expect((await push(await assertion(system.issuer))).status).toBe(201)
    for (const [aud, alg] of [
      [`${system.issuer}/token`, 'ES256'],
      [[system.issuer, `${system.issuer}/request`], 'ES256'],
      [system.issuer, 'RS256'],
    ] as const) {
      expect(await push(await assertion(aud, alg))).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    }
  })

  test.each([
    ['no redirect address', { redirect_uri: undefined }],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['PKCE plain', { code_challenge_method: 'plain' }],
  ])('refuses a pushed request with %s', async (_name, changes) => {
    expect(await push(await assertion(system.issuer), changes)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })

  test('gives a code that lives a minute at most', async () => {
    const dpop = oidc.getDPoPHandle(fapi.configuration, await generateKeyPair('ES256'))
    await fapi.begin(person, { by: 'pushed', dpop })
    const { rows } = await system.database.query<{ life: number }>(
      `SELECT max((payload ->> 'exp')::int - (payload ->> 'iat')::int) AS life FROM oidc_artifacts WHERE model = 'AuthorizationCode'`,
    )
    expect(rows[0]?.life).toBeLessThanOrEqual(60)
  })
})

const REQUEST = {
  response_type: 'code',
  scope: 'openid',
  redirect_uri: CALLBACK,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  state: 'signed state',
}
