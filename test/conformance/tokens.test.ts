import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, SECRET, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { textLike } from '../support/expected.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, basic, get, post, responseIn, VERIFIER, type RawAnswer } from '../support/raw-openid.ts'

let system: ConformanceSystem
let site: OpenidSite
let person: PersonWithCard
let keys: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey }
let publicJwk: JWK
const OFFLINE = { scope: 'openid offline_access' }

beforeAll(async () => {
  system = await startConformanceSystem()
  keys = await generateKeyPair('ES256', { extractable: true })
  publicJwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig' }
  const grantTypes = ['authorization_code', 'refresh_token'] as const
  await system.register({ clientId: 'site', grantTypes: [...grantTypes] })
  await system.register({ clientId: 'other', grantTypes: [...grantTypes] })
  await system.register({ clientId: 'spa', applicationType: 'spa', grantTypes: [...grantTypes] })
  await system.register({ clientId: 'bound', grantTypes: [...grantTypes], requireDpop: true })
  await system.register({ clientId: 'signing', jwks: { keys: [publicJwk as { kty: 'EC' }] } })
  site = await openidSite(system, 'site')
  person = system.person()
  await site.signIn(person)
})
afterAll(() => system.close())

const newCode = async (clientId = 'site', changes: Record<string, string> = {}): Promise<string> => {
  const address = await person.authorize(authorizationUrl(system.issuer, { client_id: clientId, ...changes }))
  return responseIn(address)['code'] ?? ''
}
const redeem = (
  code: string,
  changes: Record<string, string> = {},
  headers: Record<string, string> = basic('site'),
  at = system.issuer,
): Promise<RawAnswer> =>
  post(
    `${at}/token`,
    { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER, ...changes },
    headers,
  )
const refresh = (token: unknown, headers: Record<string, string> = basic('site'), at = system.issuer) =>
  post(`${at}/token`, { grant_type: 'refresh_token', refresh_token: String(token) }, headers)
const userinfoStatus = async (token: unknown): Promise<number> =>
  (await get(`${system.issuer}/me`, { authorization: `Bearer ${String(token)}` })).status

describe('a code', () => {
  test('gives tokens that say what they are', async () => {
    const { status, body, headers } = await redeem(await newCode('site', OFFLINE))
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(body).toMatchObject({
      token_type: 'Bearer',
      access_token: textLike(/^skat_[\w-]{46}$/),
      refresh_token: textLike(/^skrt_[\w-]{46}$/),
    })
  })

  test.each([
    ['a wrong verifier', { code_verifier: 'w'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['the challenge in place of the verifier', { code_verifier: 'dGhlIGNoYWxsZW5nZSBpcyBub3QgdGhlIHZlcmlmaWVy' }],
    ['another redirect address', { redirect_uri: 'http://localhost:1/other' }],
  ])('attack 4: with %s is refused', async (_name, changes) => {
    expect(await redeem(await newCode(), changes)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('attack 4: of client A at client B is refused', async () => {
    const answer = await redeem(await newCode('site'), {}, basic('other'))
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('attack 2: used again, at another process, is refused, and every token of its grant is dead', async () => {
    const stranger = system.person('hanako')
    const address = await stranger.authorize(authorizationUrl(system.issuer, OFFLINE))
    const code = responseIn(address)['code'] ?? ''
    const { body } = await redeem(code)
    expect(await userinfoStatus(body['access_token'])).toBe(200)
    expect(await redeem(code, {}, basic('site'), system.second)).toMatchObject({ body: { error: 'invalid_grant' } })
    expect(await userinfoStatus(body['access_token'])).toBe(401)
    expect(await refresh(body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})

describe('the token endpoint', () => {
  test.each([
    ['a wrong secret', {}, basic('site', 'x'.repeat(43)), 401, 'invalid_client'],
    ['an unknown client', {}, basic('nobody'), 401, 'invalid_client'],
    ['no authentication', { client_id: 'site' }, {}, 401, 'invalid_client'],
    ['the secret in the body', { client_id: 'site', client_secret: SECRET }, {}, 401, 'invalid_client'],
    ['grant_type password', { grant_type: 'password' }, basic('site'), 400, 'unsupported_grant_type'],
    ['grant_type implicit', { grant_type: 'implicit' }, basic('site'), 400, 'unsupported_grant_type'],
    ['a grant that is not registered', { grant_type: 'client_credentials' }, basic('site'), 400, 'invalid_request'],
    ['no grant_type', { grant_type: '' }, basic('site'), 400, 'invalid_request'],
  ])('refuses %s', async (_name, changes, headers, status, error) => {
    const answer = await redeem('code', changes, headers)
    expect(answer).toMatchObject({ status, body: { error, error_description: textLike(/\w/) } })
  })

  test('attack 18: refuses a parameter twice, and a body without end', async () => {
    const twice = await post(`${system.issuer}/token`, 'grant_type=authorization_code&code=a&code=b', basic('site'))
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    const large = await post(
      `${system.issuer}/token`,
      `grant_type=authorization_code&code=${'x'.repeat(1_000_000)}`,
      basic('site'),
    )
    expect([400, 413]).toContain(large.status)
    expect(await site.signIn(person)).toHaveProperty('id_token')
  })

  test('attack 18: refuses headers of a megabyte, and others go on', async () => {
    const answer = await get(`${system.issuer}/me`, { authorization: `Bearer ${'x'.repeat(1_000_000)}` }).catch(
      () => undefined,
    )
    expect(answer?.status ?? 431).toBe(431)
    expect(await site.signIn(person)).toHaveProperty('id_token')
  })

  test('attack 18: a hundred who never finish their request hold up nobody', async () => {
    const { hostname, port } = new URL(system.issuer)
    const slow = Array.from({ length: 100 }, () => connect(Number(port), hostname))
    for (const socket of slow) {
      socket.on('error', () => undefined)
      socket.write('POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n')
    }
    expect(await site.signIn(person)).toHaveProperty('id_token')
    for (const socket of slow) socket.destroy()
  })
})

describe('a refresh token', () => {
  const signInOffline = async () => (await redeem(await newCode('site', OFFLINE))).body

  test('is given only where it was asked for and registered', async () => {
    expect((await redeem(await newCode())).body).not.toHaveProperty('refresh_token')
    await system.register({ clientId: 'no-refresh' })
    const code = await newCode('no-refresh', OFFLINE)
    expect((await redeem(code, {}, basic('no-refresh'))).body).not.toHaveProperty('refresh_token')
  })

  test('attack 5: serial reuse after its successor was used ends the family', async () => {
    const first = (await signInOffline())['refresh_token']
    const second = (await refresh(first)).body['refresh_token']
    const third = (await refresh(second, basic('site'), system.second)).body
    expect(await refresh(first)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await refresh(third['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await userinfoStatus(third['access_token'])).toBe(401)
  })

  test('attack 5: a lost answer is given again by any process, and there is one family', async () => {
    const first = (await signInOffline())['refresh_token']
    const answers = await Promise.all([refresh(first), refresh(first, basic('site'), system.second), refresh(first)])
    const successors = new Set(answers.map(({ body }) => body['refresh_token']))
    expect([answers.map(({ status }) => status), successors.size]).toEqual([[200, 200, 200], 1])
    expect(await refresh([...successors][0])).toMatchObject({ status: 200 })
  })

  test('of another client is refused, and still good for its own', async () => {
    const token = (await signInOffline())['refresh_token']
    expect(await refresh(token, basic('other'))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await refresh(token)).toMatchObject({ status: 200 })
  })

  test('cannot widen its scope', async () => {
    const token = String((await signInOffline())['refresh_token'])
    const wider = { grant_type: 'refresh_token', refresh_token: token, scope: 'openid everything' }
    const answer = await post(`${system.issuer}/token`, wider, basic('site'))
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
  })

  test('serves an application in the browser, without a secret', async () => {
    const { body } = await redeem(await newCode('spa', OFFLINE), { client_id: 'spa' }, {})
    const again = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: String(body['refresh_token']) }
    expect(await post(`${system.issuer}/token`, again, { origin: 'http://localhost:1' })).toMatchObject({ status: 200 })
  })

  test('ends when the account is suspended', async () => {
    const stranger = system.person('one-try-left')
    const tokens = await site.signIn(stranger, { parameters: OFFLINE })
    await system.database.query(
      `UPDATE accounts SET status = 'suspended' WHERE id = (SELECT account_id FROM subjects WHERE sub = $1)`,
      [tokens.claims()?.sub],
    )
    expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await userinfoStatus(tokens.access_token)).toBe(401)
  })
})

describe('revocation', () => {
  const revoke = (token: unknown, headers: Record<string, string> = basic('site')) =>
    post(`${system.issuer}/token/revocation`, { token: String(token) }, headers)

  test('of a refresh token ends the grant; the answer is empty, and of no type that a client could take for a fault', async () => {
    const { body } = await redeem(await newCode('site', OFFLINE))
    const { status, text, headers } = await revoke(body['refresh_token'])
    expect([status, text, headers.get('content-type')]).toEqual([200, '', null])
    expect(await refresh(body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await userinfoStatus(body['access_token'])).toBe(401)
  })

  test('of another client’s token does nothing and says nothing', async () => {
    const { body } = await redeem(await newCode())
    const [foreign, unknown] = [
      await revoke(body['access_token'], basic('other')),
      await revoke('skat_unknown', basic('other')),
    ]
    expect([foreign.status, foreign.text]).toEqual([unknown.status, unknown.text])
    expect(foreign.status).toBe(200)
    expect(await userinfoStatus(body['access_token'])).toBe(200)
  })

  test('without authentication is refused', async () => {
    expect(await revoke('skat_x', {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })
})

describe('a client assertion', () => {
  const assertion = (
    changes: object = {},
    { alg = 'ES256', key = keys.privateKey, header = {} } = {},
  ): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'signing', sub: 'signing', aud: system.issuer, jti: randomUUID(), iat: now, exp: now + 60 }
    return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg, kid: 'one', ...header }).sign(key)
  }
  const present = (jwt: string, at = system.issuer): Promise<RawAnswer> =>
    redeem('no code', { client_assertion: jwt, client_assertion_type: JWT_BEARER }, {}, at)
  const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

  test('proves the client, as openid-client makes it', async () => {
    const signing = await openidSite(system, 'signing', oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' }))
    expect((await signing.signIn(person)).claims()).toMatchObject({ aud: 'signing' })
  })

  test('attack 9: made two minutes from now is refused: a memory that was lost could not tell when it was used', async () => {
    const iat = Math.floor(Date.now() / 1000) + 120
    expect((await present(await assertion({ iat }))).body['error']).toBe('invalid_request')
  })

  test('attack 9: is good once, over two processes', async () => {
    const jwt = await assertion()
    expect((await present(jwt)).body['error']).toBe('invalid_grant')
    expect(await present(jwt, system.second)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('attack 9: of 20 at once exactly 1 gets through', async () => {
    const jwt = await assertion()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => present(jwt, index % 2 === 0 ? system.issuer : system.second)),
    )
    expect(answers.filter(({ body }) => body['error'] === 'invalid_grant')).toHaveLength(1)
  })

  test.each([
    ['of another issuer', { iss: 'other' }],
    ['for somebody else', { aud: 'https://attacker.example' }],
    ['that is over', { exp: 1 }],
    ['without an end', { exp: undefined }],
    ['without jti', { jti: undefined }],
  ])('%s is refused', async (_name, changes) => {
    expect(await present(await assertion(changes))).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('attack 8: none, HS256 with the public key, a foreign key, jku, x5u, jwk are refused', async () => {
    const foreign = await generateKeyPair('ES256', { extractable: true })
    const secret = new TextEncoder().encode(JSON.stringify(publicJwk))
    const jwk = await exportJWK(foreign.publicKey)
    const attempts = [
      `${(await assertion()).split('.').with(0, Buffer.from('{"alg":"none"}').toString('base64url')).slice(0, 2).join('.')}.`,
      await assertion({}, { alg: 'HS256', key: secret as never }),
      await assertion({}, { key: foreign.privateKey }),
      await assertion({}, { key: foreign.privateKey, header: { jwk } }),
      await assertion({}, { key: foreign.privateKey, header: { jku: 'https://attacker.example/jwks' } }),
      await assertion({}, { key: foreign.privateKey, header: { x5u: 'https://attacker.example/x5u' } }),
    ]
    for (const jwt of attempts) {
      expect(await present(jwt)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    }
  })
})

describe('DPoP', () => {
  const proof = async (changes: object = {}, { key = keys, typ = 'dpop+jwt' } = {}): Promise<string> => {
    const claims = {
      jti: randomUUID(),
      htm: 'POST',
      htu: `${system.issuer}/token`,
      iat: Math.floor(Date.now() / 1000),
      nonce,
    }
    const jwk = await exportJWK(key.publicKey)
    return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', typ, jwk }).sign(key.privateKey)
  }
  let nonce = ''
  const redeemBound = async (dpop: string | undefined, at = system.issuer, code?: string): Promise<RawAnswer> =>
    redeem(
      code ?? (await newCode('bound', OFFLINE)),
      {},
      { ...basic('bound'), ...(dpop === undefined ? {} : { dpop }) },
      at,
    )

  beforeAll(async () => {
    nonce = (await redeemBound(await proof({ nonce: undefined }))).headers.get('dpop-nonce') ?? ''
  })

  test('binds what openid-client gets to its key, and the nonce is found by itself', async () => {
    const bound = await openidSite(system, 'bound')
    const dpop = oidc.getDPoPHandle(bound.configuration, keys)
    const tokens = await bound.signIn(person, { dpop, parameters: OFFLINE })
    expect(tokens.token_type).toBe('dpop')
    const info = await oidc.fetchUserInfo(bound.configuration, tokens.access_token, tokens.claims()?.sub ?? '', {
      DPoP: dpop,
    })
    expect(info.sub).toBe(tokens.claims()?.sub)
    const renewed = await oidc.refreshTokenGrant(bound.configuration, tokens.refresh_token ?? '', undefined, {
      DPoP: dpop,
    })
    expect(renewed.token_type).toBe('dpop')
    expect(await userinfoStatus(tokens.access_token)).toBe(401)
  })

  test('attack 7: no proof where one is required', async () => {
    expect(await redeemBound(undefined)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('attack 7: no nonce', async () => {
    const answer = await redeemBound(await proof({ nonce: undefined }))
    expect(answer).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
  })

  test('attack 7: a nonce of one process is good at the other', async () => {
    expect(await redeemBound(await proof(), system.second)).toMatchObject({ status: 200 })
  })

  test.each([
    ['another method', { htm: 'GET' }, 'invalid_dpop_proof'],
    ['another address', { htu: 'http://localhost:1/token' }, 'invalid_dpop_proof'],
    ['another endpoint', { htu: 'http://localhost:1/me' }, 'invalid_dpop_proof'],
    ['no jti', { jti: undefined }, 'invalid_dpop_proof'],
    ['no iat', { iat: undefined }, 'invalid_dpop_proof'],
    ['a nonce nobody gave', { nonce: 'n'.repeat(43) }, 'use_dpop_nonce'],
    ['a stale iat and no nonce', { iat: 1, nonce: undefined }, 'use_dpop_nonce'],
    ['made ten minutes from now', { iat: Math.floor(Date.now() / 1000) + 600 }, 'invalid_request'],
  ])('attack 7: %s is refused', async (_name, changes, error) => {
    expect(await redeemBound(await proof(changes))).toMatchObject({ status: 400, body: { error } })
  })

  test('attack 7: a proof that is something else', async () => {
    expect(await redeemBound(await proof({}, { typ: 'JWT' }))).toMatchObject({ body: { error: 'invalid_dpop_proof' } })
  })

  test('attack 7: one proof is good once, on both processes', async () => {
    const once = await proof()
    expect(await redeemBound(once)).toMatchObject({ status: 200 })
    expect((await redeemBound(once, system.second)).status).toBe(400)
    const shared = await proof()
    const codes = await Promise.all(Array.from({ length: 6 }, () => newCode('bound', OFFLINE)))
    const answers = await Promise.all(
      codes.map((code, index) => redeemBound(shared, index % 2 === 0 ? system.issuer : system.second, code)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('attack 7: another key at refresh is refused', async () => {
    const { body } = await redeemBound(await proof())
    const thief = await generateKeyPair('ES256', { extractable: true })
    const stolen = await refresh(body['refresh_token'], { ...basic('bound'), dpop: await proof({}, { key: thief }) })
    expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const own = await refresh(body['refresh_token'], { ...basic('bound'), dpop: await proof() })
    expect(own).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
  })

  test('attack 7: a code bound to a key by dpop_jkt is of no use with another', async () => {
    const thief = await generateKeyPair('ES256', { extractable: true })
    const dpopJkt = await calculateJwkThumbprint(publicJwk)
    const code = await newCode('bound', { dpop_jkt: dpopJkt })
    const answer = await redeemBound(await proof({}, { key: thief }), system.issuer, code)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
