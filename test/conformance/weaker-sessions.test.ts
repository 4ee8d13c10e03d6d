import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import { agree, asksConsent } from '../support/person-consents.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, basic, get, post, responseIn, VERIFIER, type RawAnswer } from '../support/raw-openid.ts'

/** What a site, a thief or another person tries, who would like less to be asked of them. */
const [API, OTHER_API] = ['https://api.example/', 'https://other.example/']
let system: ConformanceSystem
let site: OpenidSite
let person: PersonWithCard

beforeAll(async () => {
  system = await startConformanceSystem()
  const scopes = ['read', 'pay']
  await system.register({ clientId: 'api', redirectUris: [], resourceServer: { resource: API, scopes } })
  await system.register({ clientId: 'other-api', redirectUris: [], resourceServer: { resource: OTHER_API, scopes } })
  const resources = [API, OTHER_API].map((resource) => ({ resource, scopes }))
  const grantTypes = ['authorization_code' as const, 'refresh_token' as const]
  await system.register({ clientId: 'site', grantTypes, resources, postLogoutRedirectUris: ['http://localhost:1/bye'] })
  await system.register({ clientId: 'shop', firstParty: false, grantTypes, resources })
  site = await openidSite(system, 'site')
  person = system.person()
  await site.signIn(person)
})
afterAll(() => system.close())

const redeem = (code: string, changes: Record<string, string> = {}, clientId = 'site'): Promise<RawAnswer> =>
  post(
    `${system.issuer}/token`,
    { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER, ...changes },
    basic(clientId),
  )
const codeOf = (address: URL): string => responseIn(address)['code'] ?? ''
/** As if the person had tapped their card so long ago. */
const ageSession = (seconds: number): Promise<unknown> =>
  system.database.query(
    `UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - $1))
     WHERE model = 'Session' AND payload ? 'loginTs'`,
    [seconds],
  )

describe('attack 11: a tap that is too old', () => {
  test('max_age is measured from the tap, not from the last sign-in', async () => {
    const old = system.person()
    await site.signIn(old)
    await site.signIn(old)
    await rememberTapsAsOf(120)
    await ageSession(120)
    expect(
      responseIn(await old.authorize(authorizationUrl(system.issuer, { prompt: 'none', max_age: '60' }))),
    ).toMatchObject({ error: 'login_required' })
    expect(
      responseIn(await old.authorize(authorizationUrl(system.issuer, { prompt: 'none', max_age: '600' }))),
    ).toHaveProperty('code')
    await old.authorize(authorizationUrl(system.issuer, { max_age: '60' }))
    expect(old.taps).toBe(2)
  })

  test('somebody who thinks longer about a consent than max_age allows is asked for the card again', async () => {
    const slow = system.person()
    const page = await slow.open(authorizationUrl(system.issuer, { client_id: 'shop', max_age: '60' }))
    expect([asksConsent(page), slow.taps]).toEqual([true, 1])
    await rememberTapsAsOf(120)
    await ageSession(120)
    await system.database.query(
      `UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{lastSubmission,login,ts}',
         to_jsonb((payload #>> '{lastSubmission,login,ts}')::int - 120))
       WHERE model = 'Interaction' AND payload #> '{lastSubmission,login,ts}' IS NOT NULL`,
    )
    const again = await agree(slow, page)
    expect(formsOf(again.html).some(({ id }) => id === 'use-card')).toBe(true)
    // agreed to once, and now tapped: nothing is left to ask
    const before = Math.floor(Date.now() / 1000)
    const { body } = await redeem(codeOf(await slow.authorizeFrom(again)), {}, 'shop')
    const claims = JSON.parse(
      Buffer.from(String(body['id_token']).split('.')[1] ?? '', 'base64url').toString(),
    ) as object
    expect((claims as { auth_time: number }).auth_time).toBeGreaterThanOrEqual(before)
  })

  /** The record of a tap is found by its second (docs/adr/0013): a copy of each, as old as the session becomes. */
  const rememberTapsAsOf = async (seconds: number): Promise<void> => {
    const { createHash } = await import('node:crypto')
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
    const { rows } = await system.database.query<{ uid: string; ts: number }>(
      `SELECT payload ->> 'uid' AS uid, (payload ->> 'loginTs')::int AS ts FROM oidc_artifacts
       WHERE model = 'Session' AND payload ? 'loginTs'`,
    )
    for (const { uid, ts } of rows) {
      await system.database.query(
        `INSERT INTO oidc_artifacts (model, id_digest, payload, expires_at, written_at)
         SELECT model, $2, payload, expires_at, written_at FROM oidc_artifacts
         WHERE model = 'Authentication' AND id_digest = $1 ON CONFLICT DO NOTHING`,
        [digest(`${uid} ${ts}`), digest(`${uid} ${ts - seconds}`)],
      )
    }
  }
})

describe('attack 12: the session', () => {
  test('has another id after every log-in, and the old one opens nothing', async () => {
    const stranger = system.person()
    await stranger.authorize(authorizationUrl(system.issuer))
    const sessions = async (): Promise<readonly string[]> =>
      (
        await system.database.query<{ id: string }>(
          `SELECT encode(id_digest, 'hex') AS id FROM oidc_artifacts WHERE model = 'Session' ORDER BY written_at DESC`,
        )
      ).rows.map(({ id }) => id)
    const [first] = await sessions()
    await stranger.authorize(authorizationUrl(system.issuer, { prompt: 'login' }))
    expect(stranger.taps).toBe(2)
    expect(await sessions()).not.toContain(first)
  })
})

describe('a token for more than was asked', () => {
  const resource = API
  const online = { scope: 'openid read', resource }

  test.each([
    ['an API that was not asked for', { resource: OTHER_API }, 'invalid_target'],
    ['an API that nobody registered', { resource: 'https://nobody.example/' }, 'invalid_target'],
  ])('at the code: %s', async (_what, changes, error) => {
    const code = codeOf(await person.authorize(authorizationUrl(system.issuer, online)))
    expect(await redeem(code, changes)).toMatchObject({ status: 400, body: { error } })
  })

  test.each([
    ['another API', { resource: OTHER_API }, /invalid_(target|grant)/],
    ['another scope', { scope: 'openid offline_access read pay', resource }, /invalid_scope/],
  ])('at the refresh: %s', async (_what, changes, error) => {
    const scope = 'openid offline_access read'
    const code = codeOf(await person.authorize(authorizationUrl(system.issuer, { scope, resource })))
    const { body } = await redeem(code)
    const parameters = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...changes }
    const answer = await post(`${system.issuer}/token`, parameters, basic('site'))
    expect([answer.status, String(answer.body['error'])]).toEqual([400, expect.stringMatching(error)])
  })

  test('a refresh token of a person who was asked is of no use at another client, nor with its secret in the body', async () => {
    const page = await person.open(
      authorizationUrl(system.issuer, { client_id: 'shop', scope: 'openid offline_access', prompt: 'consent' }),
    )
    const { body } = await redeem(codeOf((await agree(person, page)).url), {}, 'shop')
    const parameters = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
    expect(await post(`${system.issuer}/token`, parameters, basic('site'))).toMatchObject({ status: 400 })
    const smuggled = { ...parameters, client_id: 'shop' }
    expect((await post(`${system.issuer}/token`, smuggled, basic('site'))).status).toBeGreaterThanOrEqual(400)
    expect(await post(`${system.issuer}/token`, parameters, basic('shop'))).toMatchObject({ status: 200 })
  })
})

describe('userinfo', () => {
  test.each([
    ['no token', {}],
    ['a token nobody gave', { authorization: `Bearer skat_${'x'.repeat(43)}` }],
    ['a token of another kind', { authorization: `Bearer skrt_${'x'.repeat(43)}` }],
    ['basic credentials', basic('site')],
  ])('refuses %s', async (_what, headers) => {
    const answer = await get(`${system.issuer}/me`, headers)
    expect([answer.status, answer.headers.get('www-authenticate')?.split(' ')[0]]).toEqual([
      answer.status === 400 ? 400 : 401,
      'Bearer',
    ])
    expect(answer.body).not.toHaveProperty('sub')
  })

  test('refuses a token in the address (RFC 6750 §5.3)', async () => {
    const { access_token: token } = await site.signIn(person)
    const answer = await get(`${system.issuer}/me?access_token=${token}`)
    expect(answer.body).not.toHaveProperty('sub')
  })
})

describe('attack 8: an id_token_hint that is not ours', () => {
  const attempts: readonly (readonly [string, () => Promise<string>])[] = [
    [
      'HS256 with a public key of ours',
      () => hint({ alg: 'HS256', key: new TextEncoder().encode('x'.repeat(32)) as never }),
    ],
    ['a foreign key', async () => hint({ alg: 'ES256', key: (await generateKeyPair('ES256')).privateKey })],
    [
      'a foreign key under a kid of ours',
      async () => {
        const { keys } = (await get(`${system.issuer}/jwks`)).body as unknown as {
          keys: { alg: string; kid: string }[]
        }
        const kid = keys.find(({ alg }) => alg === 'ES256')?.kid
        return hint({ alg: 'ES256', key: (await generateKeyPair('ES256')).privateKey, header: { kid } })
      },
    ],
    ['an access token', async () => (await site.signIn(person)).access_token],
  ]
  const hint = ({ alg, key, header = {} }: { alg: string; key: CryptoKey; header?: object }): Promise<string> =>
    new SignJWT({ sub: 'x' })
      .setProtectedHeader({ alg, ...header })
      .setIssuer(system.issuer)
      .setAudience('site')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key)

  test.each(attempts)('%s: neither signs in nor logs out', async (_what, make) => {
    const forged = await make()
    const { headers } = await get(authorizationUrl(system.issuer, { id_token_hint: forged }))
    expect(responseIn(headers.get('location'))).toMatchObject({ error: 'invalid_request' })
    const query = new URLSearchParams({ id_token_hint: forged, post_logout_redirect_uri: 'http://localhost:1/bye' })
    const page = await person.browser.open(`${system.issuer}/session/end?${query.toString()}`)
    expect([page.url.origin, page.status]).toEqual([system.issuer, 400])
  })

  test('attack 14: the hint of another person logs nobody out without being asked', async () => {
    const hanako = system.person('hanako')
    const { id_token: theirs = '' } = await site.signIn(hanako)
    const page = await person.browser.open(
      oidc.buildEndSessionUrl(site.configuration, {
        id_token_hint: theirs,
        post_logout_redirect_uri: 'http://localhost:1/bye',
      }).href,
    )
    expect(formsOf(page.html).map(({ id }) => id)).toEqual(['logout'])
    expect(responseIn(await person.authorize(authorizationUrl(system.issuer, { prompt: 'none' })))).toHaveProperty(
      'code',
    )
  })
})

describe('attack 10: mix-up', () => {
  test('a code of one client is never sent to another’s address, and names its issuer', async () => {
    const address = await person.authorize(authorizationUrl(system.issuer))
    expect([address.origin + address.pathname, address.searchParams.get('iss')]).toEqual([CALLBACK, system.issuer])
    expect(await redeem(codeOf(address), {}, 'shop')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})

describe('attack 7: keys exchanged', () => {
  test('a code for one key (dpop_jkt) is of no use without it, nor with none', async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true })
    const dpopJkt = await calculateJwkThumbprint(await exportJWK(publicKey))
    const code = codeOf(await person.authorize(authorizationUrl(system.issuer, { dpop_jkt: dpopJkt })))
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
