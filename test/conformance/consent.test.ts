import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import { agree, asksConsent, goBack } from '../support/person-consents.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, basic, get, post, responseIn, VERIFIER, type RawAnswer } from '../support/raw-openid.ts'

const API = 'https://api.example/'
const OFFLINE = { scope: 'openid offline_access' }
let system: ConformanceSystem
let shop: OpenidSite
let person: PersonWithCard

beforeAll(async () => {
  system = await startConformanceSystem()
  const resources = [{ resource: API, scopes: ['read', 'pay'] }]
  const grantTypes = ['authorization_code' as const, 'refresh_token' as const]
  await system.register({
    clientId: 'api',
    displayName: { ja: '注文の窓口', en: 'Orders' },
    redirectUris: [],
    resourceServer: { resource: API, scopes: ['read', 'pay'] },
    scopeDescriptions: { pay: { ja: '代金を払う', en: 'pay for orders' } },
  })
  await system.register({
    clientId: 'shop',
    displayName: { ja: 'よその店', en: 'Foreign shop' },
    firstParty: false,
    grantTypes,
    resources,
    policyUri: 'https://shop.example/privacy',
  })
  await system.register({ clientId: 'own', grantTypes, resources })
  await system.register({
    clientId: 'native',
    firstParty: false,
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/cb', 'https://app.example/cb'],
    sectorIdentifierUri: undefined,
    subjectType: 'public',
  })
  await system.register({ clientId: 'shared', firstParty: false, subjectType: 'public' })
  shop = await openidSite(system, 'shop')
})
afterAll(() => system.close())
beforeEach(async () => {
  await system.database.query('TRUNCATE consents')
  person = system.person()
})

const ask = (changes: Record<string, string | undefined> = {}): string =>
  authorizationUrl(system.issuer, { client_id: 'shop', ...changes })
const silently = async (changes: Record<string, string | undefined> = {}): Promise<Record<string, string>> =>
  responseIn(await person.authorize(ask({ prompt: 'none', ...changes })))
const codesOf = async (clientId = 'shop'): Promise<number> => {
  const { rows } = await system.database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM oidc_artifacts
     WHERE model IN ('AuthorizationCode', 'Grant') AND payload ->> 'clientId' = $1`,
    [clientId],
  )
  return rows[0]?.count ?? 0
}
const events = async (): Promise<readonly string[]> => {
  const { rows } = await system.database.query<{ type: string }>(
    `SELECT type FROM audit_events WHERE type LIKE 'consent.%' ORDER BY sequence DESC LIMIT 3`,
  )
  return rows.map(({ type }) => type)
}
const redeem = (address: URL, clientId = 'shop'): Promise<RawAnswer> =>
  post(
    `${system.issuer}/token`,
    {
      grant_type: 'authorization_code',
      code: address.searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost:1/cb',
      code_verifier: VERIFIER,
    },
    basic(clientId),
  )
const agreed = async (changes: Record<string, string | undefined> = {}): Promise<URL> =>
  (await agree(person, await person.open(ask(changes)))).url

describe('without a consent a site gets nothing', () => {
  test('the first time a person is asked after the card, and no code or grant is there before they agree', async () => {
    const before = await codesOf()
    const page = await person.open(ask())
    expect([page.status, asksConsent(page), person.taps]).toEqual([200, true, 1])
    expect(await codesOf()).toBe(before)
    expect(responseIn((await agree(person, page)).url)).toMatchObject({ state: 'the state', iss: system.issuer })
    expect(await codesOf()).toBeGreaterThan(before)
  })

  test('prompt=none says consent_required, with a session and without one', async () => {
    await person.open(ask())
    expect(await silently()).toMatchObject({ error: 'consent_required', state: 'the state', iss: system.issuer })
    person = system.person()
    expect(await silently()).toMatchObject({ error: 'login_required' })
  })

  test('going back is access_denied, written down, and asked again the next time', async () => {
    const page = await person.open(ask())
    expect(responseIn((await goBack(person, page)).url)).toMatchObject({ error: 'access_denied', iss: system.issuer })
    expect((await events())[0]).toBe('consent.declined')
    expect(await silently()).toMatchObject({ error: 'consent_required' })
    expect(asksConsent(await person.open(ask()))).toBe(true)
  })

  test('the page goes on to nowhere for a browser that does not hold the interaction, or has become another person’s', async () => {
    const page = await person.open(ask())
    const stranger = system.person()
    await expect(agree(stranger, page)).resolves.toMatchObject({ status: 403 })
    person.useCard('hanako')
    await person.open(authorizationUrl(system.issuer, { client_id: 'own', prompt: 'login' }))
    expect((await agree(person, page)).status).toBe(404)
    const { rows } = await system.database.query('SELECT 1 FROM consents')
    expect(rows).toEqual([])
  })

  test('attack 13: a form of another origin agrees to nothing', async () => {
    const page = await person.open(ask())
    const answer = await post(`${page.url.href}/consent`, {}, { origin: 'https://attacker.example' })
    expect(answer.status).toBe(403)
    expect(await silently()).toMatchObject({ error: 'consent_required' })
  })

  test('an interaction that waits for the card cannot be ended by a consent', async () => {
    const page = await person.browser.open(ask())
    const seen = await person.browser.submit(page, `${page.url.pathname}/consent`, {})
    expect(seen.status).toBe(404)
    const { rows } = await system.database.query('SELECT 1 FROM consents')
    expect(rows).toEqual([])
  })

  test('while the log cannot be written, nothing is agreed to', async () => {
    const page = await person.open(ask())
    await system.database.query(
      `CREATE FUNCTION refuse_consent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.type = 'consent.given' THEN RAISE EXCEPTION 'no log'; END IF; RETURN NEW; END $$`,
    )
    await system.database.query(
      'CREATE TRIGGER refuse_consent BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_consent()',
    )
    const seen = await agree(person, page)
    await system.database.query('DROP TRIGGER refuse_consent ON audit_events')
    await system.database.query('DROP FUNCTION refuse_consent')
    expect(seen.status).toBeGreaterThanOrEqual(500)
    expect(await silently()).toMatchObject({ error: 'consent_required' })
  })
})

describe('a consent is remembered', () => {
  test('in another browser, after the sessions and everything short-lived are gone', async () => {
    await agreed()
    await system.database.query('TRUNCATE oidc_artifacts')
    person = system.person()
    expect(responseIn(await person.authorize(ask()))).toHaveProperty('code')
    expect((await events())[0]).toBe('consent.given')
  })

  test('for this person and this site alone', async () => {
    await agreed()
    expect(asksConsent(await person.open(authorizationUrl(system.issuer, { client_id: 'shared' })))).toBe(true)
    person = system.person('hanako')
    expect(asksConsent(await person.open(ask()))).toBe(true)
  })

  test('and asked for anew with prompt=consent, also by the operator’s own sites', async () => {
    await agreed()
    const page = await person.open(ask({ prompt: 'consent' }))
    expect(asksConsent(page)).toBe(true)
    expect(page.html).not.toContain('agreed to already')
    expect(responseIn((await agree(person, page)).url)).toHaveProperty('code')
    expect(
      asksConsent(await person.open(authorizationUrl(system.issuer, { client_id: 'own', prompt: 'consent' }))),
    ).toBe(true)
  })

  test('prompt="login consent" means both', async () => {
    await agreed()
    const page = await person.open(ask({ prompt: 'login consent' }))
    expect([asksConsent(page), person.taps]).toEqual([true, 2])
    expect(responseIn((await agree(person, page)).url)).toHaveProperty('code')
  })

  test('the operator’s own sites ask nobody', async () => {
    expect(responseIn(await person.authorize(authorizationUrl(system.issuer, { client_id: 'own' })))).toHaveProperty(
      'code',
    )
  })
})

describe('what is new is asked for', () => {
  test.each([
    ['to stay connected', OFFLINE, 'go on while you are away'],
    ['an API', { scope: 'openid read pay', resource: API }, 'pay for orders'],
    [
      'a claim',
      { claims: JSON.stringify({ id_token: { cert_status: null } }) },
      'validity of your certificate was checked',
    ],
  ])('%s, and nothing that stands already', async (_what, changes, words) => {
    await agreed()
    expect(await silently(changes)).toMatchObject({ error: 'consent_required' })
    const page = await person.open(ask(changes))
    const [asked = '', known = ''] = page.html.split('<details>')
    expect(asked).toContain(words)
    expect(asked).not.toContain('number that only this site gets')
    expect(known).toContain('number that only this site gets')
    expect(responseIn((await agree(person, page)).url)).toHaveProperty('code')
    expect(await silently(changes)).toHaveProperty('code')
    expect(await silently()).toHaveProperty('code')
  })

  test('a token carries what was agreed to for its own request, though more was agreed to before', async () => {
    await agreed({ scope: 'openid offline_access read', resource: API })
    const { body } = await redeem(new URL(await person.authorize(ask())))
    expect(body).toMatchObject({ scope: 'openid' })
    expect(body).not.toHaveProperty('refresh_token')
  })

  test('an API that no scope is asked of is on no page, and gets no token', async () => {
    await agreed()
    const refusal = { error: 'invalid_scope', state: 'the state', iss: system.issuer }
    expect(await silently({ resource: API })).toMatchObject(refusal)
    expect(responseIn((await person.open(ask({ resource: API, prompt: 'consent' }))).url)).toMatchObject(refusal)
    const own = await person.authorize(authorizationUrl(system.issuer, { client_id: 'own', resource: API }))
    expect(responseIn(own)).toHaveProperty('code')
  })

  test('offline_access needs a consent of its own, and then a refresh token comes', async () => {
    const { body } = await redeem(await agreed(OFFLINE))
    expect(body['refresh_token']).toMatch(/^skrt_/)
  })
})

describe('a consent that is taken back', () => {
  const disconnect = async (): Promise<void> => {
    const page = await person.open(`${system.issuer}/account`)
    const seen = await person.browser.submit(page, '/account/disconnect', { client: 'shop' })
    expect(seen.html).toContain('has been disconnected')
  }

  test('ends code, tokens and silent sign-ins at once, is written down, and is asked for again', async () => {
    const tokens = (await redeem(await agreed(OFFLINE))).body
    const code = await person.authorize(ask())
    await disconnect()
    expect((await events())[0]).toBe('consent.withdrawn')
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    expect(await post(`${system.issuer}/token`, refresh, basic('shop'))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const userinfo = await get(`${system.issuer}/me`, { authorization: `Bearer ${String(tokens['access_token'])}` })
    expect(userinfo.status).toBe(401)
    expect(await silently()).toMatchObject({ error: 'consent_required' })
    expect(responseIn(await agreed())).toHaveProperty('code')
  })

  test('attack 41: ends tokens that a store of short-lived things still has, or has again', async () => {
    const [online, offline] = [await agreed({ scope: 'openid read', resource: API }), await agreed(OFFLINE)]
    const forApi = (await redeem(online)).body
    const kept = (await redeem(offline)).body
    const introspect = () =>
      post(`${system.issuer}/token/introspection`, { token: String(forApi['access_token']) }, basic('api'))
    expect((await introspect()).body).toMatchObject({ active: true })
    await system.database.query('UPDATE consents SET revoked_at = now()')
    expect((await introspect()).text).toBe('{"active":false}')
    const refresh = { grant_type: 'refresh_token', refresh_token: String(kept['refresh_token']) }
    expect(await post(`${system.issuer}/token`, refresh, basic('shop'))).toMatchObject({ status: 400 })
    const userinfo = await get(`${system.issuer}/me`, { authorization: `Bearer ${String(kept['access_token'])}` })
    expect(userinfo.status).toBe(401)
    // the code of a request that was under way when the consent was taken back
    await system.database.query('UPDATE consents SET revoked_at = NULL')
    const late = await person.authorize(ask())
    await system.database.query('UPDATE consents SET revoked_at = now()')
    expect(await redeem(late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('attack 41: a consent given anew does not bring back what was granted before', async () => {
    const kept = (await redeem(await agreed({ scope: 'openid offline_access read', resource: API }))).body
    // taken back a minute after it was granted, and the store lost the end of that
    await system.database.query(
      `UPDATE oidc_artifacts SET payload = payload ||
         jsonb_build_object('iat', (payload ->> 'iat')::int - 60, 'iiat', (payload ->> 'iat')::int - 60)
       WHERE model IN ('AccessToken', 'RefreshToken')`,
    )
    await system.database.query('UPDATE consents SET revoked_at = now()')
    const fresh = (await redeem(await agreed())).body
    expect(fresh).toHaveProperty('access_token')
    const refresh = { grant_type: 'refresh_token', refresh_token: String(kept['refresh_token']) }
    expect(await post(`${system.issuer}/token`, refresh, basic('shop'))).toMatchObject({ status: 400 })
    const token = { token: String(kept['access_token']) }
    expect((await post(`${system.issuer}/token/introspection`, token, basic('api'))).text).toBe('{"active":false}')
  })

  test('attack 41: whoever was signed out while the page was open is asked for the card again', async () => {
    const page = await person.open(ask())
    await system.database.query('UPDATE accounts SET sign_outs = sign_outs + 1')
    const after = await agree(person, page)
    expect([after.url.origin, responseIn(after.url)]).toEqual([system.issuer, {}])
    expect(formsOf(after.html).some(({ id }) => id === 'use-card')).toBe(true)
  })

  test('tokens from before there were consents stand', async () => {
    const tokens = (await redeem(await agreed({ scope: 'openid read', resource: API }))).body
    await system.database.query('TRUNCATE consents')
    const { body } = await post(
      `${system.issuer}/token/introspection`,
      { token: String(tokens['access_token']) },
      basic('api'),
    )
    expect(body).toMatchObject({ active: true })
  })

  test('after a merge it stands for the account that is left, and is taken back there', async () => {
    await agreed()
    const hanako = system.person('hanako')
    await hanako.open(authorizationUrl(system.issuer, { client_id: 'own' }))
    const { rows } = await system.database.query<{ gone: string; left: string }>(
      `SELECT (SELECT account_id FROM consents) AS gone,
         (SELECT account_id FROM audit_events WHERE type = 'sign_in.succeeded' ORDER BY sequence DESC LIMIT 1) AS left`,
    )
    const { gone, left } = rows[0] ?? { gone: '', left: '' }
    await system.database.query(`UPDATE accounts SET status = 'merged', merged_into = $2 WHERE id = $1`, [gone, left])
    person = hanako
    expect(await silently()).toHaveProperty('code')
    await disconnect()
    expect(await silently()).toMatchObject({ error: 'consent_required' })
    await system.database.query(`UPDATE accounts SET status = 'active', merged_into = NULL WHERE id = $1`, [gone])
  })
})

describe('what the pages say', () => {
  test('in both languages who gets what, that there is no name in it, and where it is taken back', async () => {
    for (const [locale, words] of [
      [
        'en',
        ['Foreign shop', 'a number that only this site gets', 'not your My Number', 'Orders', 'pay for orders', 'read'],
      ],
      [
        'ja',
        [
          'よその店',
          'このサイトだけに使われる番号',
          '個人番号（マイナンバー）でもなく',
          '注文の窓口',
          '代金を払う',
          'read',
        ],
      ],
    ] as const) {
      const page = await person.open(ask({ scope: 'openid read pay', resource: API, ui_locales: locale }))
      for (const word of words) expect(page.html).toContain(word)
      expect(page.html).toContain('/account')
      expect(page.html).toContain('href="https://shop.example/privacy"')
    }
  })

  test('a number that others get too is called so', async () => {
    const page = await person.open(authorizationUrl(system.issuer, { client_id: 'shared' }))
    expect(page.html).toContain('some other sites get too')
    expect(page.html).not.toContain('only this site gets')
  })

  test('the person’s own page lists what each site may do', async () => {
    await agreed({ scope: 'openid offline_access pay', resource: API })
    const page = await person.open(`${system.issuer}/account`)
    for (const words of ['Foreign shop', 'pay for orders', 'go on while you are away', 'Last agreed']) {
      expect(page.html).toContain(words)
    }
  })
})

describe('RFC 8252 §8.6: a native application, whose address any program on the device can take', () => {
  const native = (redirectUri: string, changes: Record<string, string> = {}): string =>
    authorizationUrl(system.issuer, { client_id: 'native', redirect_uri: redirectUri, ...changes })

  test('gets no code from a remembered consent and a standing session alone', async () => {
    const loopback = 'http://127.0.0.1:4711/cb'
    await agree(person, await person.open(native(loopback)))
    expect(responseIn(await person.authorize(native(loopback, { prompt: 'none' })))).toMatchObject({
      error: 'interaction_required',
    })
    expect(asksConsent(await person.open(native(loopback)))).toBe(true)
    // a tap of the card is somebody who wants it
    expect(responseIn(await person.authorize(native(loopback, { prompt: 'login' })))).toHaveProperty('code')
    // and a claimed address belongs to one application
    expect(responseIn(await person.authorize(native('https://app.example/cb', { prompt: 'none' })))).toHaveProperty(
      'code',
    )
  })
})

test('openid-client signs in through it', async () => {
  const verifier = oidc.randomPKCECodeVerifier()
  const url = oidc.buildAuthorizationUrl(shop.configuration, {
    redirect_uri: 'http://localhost:1/cb',
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const { url: address } = await agree(person, await person.open(url))
  const tokens = await oidc.authorizationCodeGrant(shop.configuration, address, { pkceCodeVerifier: verifier })
  expect(tokens.claims()).toMatchObject({ aud: 'shop', acr: 'phrh' })
})
