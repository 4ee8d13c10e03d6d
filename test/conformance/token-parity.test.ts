import { generateKeyPair, decodeJwt, decodeProtectedHeader } from 'jose'
import * as oidc from 'openid-client'
import { Provider } from 'oidc-provider'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite } from '../support/openid-site.ts'
import { authorizationUrl, basic, post, responseIn, VERIFIER, type RawAnswer } from '../support/raw-openid.ts'

/**
 * A code for tokens, and a refresh token for new ones, without oidc-provider (src/oidc/token/) are what they are with it. Each request is put twice
 * to the same state of everything, once as nearly every site puts it and once so that only the library takes it: the answers are the same to
 * the header, but for what is random in them, and so is everything that is in the store afterwards.
 */
const API = 'https://api.example/'
const JWTS = 'https://jwts.example/'
let system: ConformanceSystem

const resources = [API, JWTS].map((resource) => ({ resource, scopes: ['read', 'write'] }))
const site = { grantTypes: ['authorization_code' as const, 'refresh_token' as const], resources }
const api = { resource: API, scopes: ['read', 'never'], accessTokenSeconds: 1234 }
async function registerAsBegun(): Promise<void> {
  await system.register({ clientId: 'api', redirectUris: [], resourceServer: api })
  await system.register({ clientId: 'site', ...site })
}

interface Shown {
  readonly clientId: string
  readonly form: Readonly<Record<string, string>>
}
/** By kind. */
const shown = new Map<string, Shown>()

beforeAll(async () => {
  // its tables are changed under it
  system = await startConformanceSystem({ REDIS_URL: '' })
  const scopes = ['read', 'write', 'never']
  await registerAsBegun()
  await system.register({
    clientId: 'jwt-api',
    redirectUris: [],
    resourceServer: { resource: JWTS, scopes, accessTokenFormat: 'jwt' },
  })
  await system.register({ clientId: 'rs256', ...site, idTokenAlgorithm: 'RS256' })
  await system.register({ clientId: 'asking', ...site, firstParty: false })
  await system.register({ clientId: 'told', ...site, backchannelLogoutUri: 'http://localhost:1/out' })
  await system.register({ clientId: 'unchecked', ...site, revocationPolicy: 'allow-unchecked' })
  await system.register({ clientId: 'codes-only', resources })
  await system.register({ clientId: 'bound', ...site, requireDpop: true })
  await system.register({ clientId: 'public', ...site, tokenEndpointAuthMethod: 'none' })

  const person = system.person()
  const request = (clientId: string, more: Record<string, string> = {}) =>
    authorizationUrl(system.issuer, { client_id: clientId, nonce: 'the nonce', ...more })
  const offline = { scope: 'openid offline_access read write' }
  const keepCode = async (kind: string, clientId: string, more: Record<string, string> = {}) => {
    const { code = '' } = responseIn(await person.authorize(request(clientId, more)))
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
    shown.set(`a code ${kind}`, { clientId, form })
  }
  const keepRefreshToken = async (kind: string, clientId: string, more: Record<string, string> = {}) => {
    await keepCode(`to begin ${kind}`, clientId, { ...offline, ...more })
    const begun = shown.get(`a code to begin ${kind}`)
    shown.delete(`a code to begin ${kind}`)
    if (begun === undefined) throw new Error('no code')
    const { body } = await post(`${system.issuer}/token`, begun.form, basic(clientId))
    const form = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
    shown.set(`a refresh token ${kind}`, { clientId, form })
    return form
  }

  await keepCode('of a session', 'site')
  await keepCode('without a nonce', 'unchecked', { nonce: '' })
  await keepCode('for an API', 'site', { scope: 'openid read write', resource: API })
  await keepCode('beyond the session', 'site', { ...offline, resource: API })
  await keepCode('for userinfo beyond the session', 'site', { scope: 'openid offline_access' })
  await keepCode('signed with RSA', 'rs256', offline)
  await keepCode('of a site that asks', 'asking', { ...offline, resource: API })
  await keepCode('of a site that is told of log-outs', 'told', { ...offline, resource: API })
  await keepCode('at a site without refresh tokens', 'codes-only', { ...offline, resource: API })
  await keepCode('for an API without a scope', 'site', { scope: 'openid', resource: API })
  await keepRefreshToken('for an API', 'site', { resource: API })
  await keepRefreshToken('for userinfo', 'rs256')
  await keepRefreshToken('of a site that asks', 'asking', { resource: API })
  await keepRefreshToken('of a site that is told of log-outs', 'told', { resource: API })
  const again = await keepRefreshToken('of a refresh', 'site', { resource: API })
  const { body } = await post(`${system.issuer}/token`, again, basic('site'))
  shown.set('a refresh token of a refresh', {
    clientId: 'site',
    form: { ...again, refresh_token: String(body['refresh_token']) },
  })

  // what is never plain
  await keepCode('for an API that wants JWTs', 'site', { ...offline, resource: JWTS })
  await keepCode('with claims', 'site', { claims: '{"id_token":{"cert_status":null}}' })
  await keepCode('with a largest age', 'site', { max_age: '3600' })
  await keepCode('without openid', 'site', { scope: 'read', resource: API, nonce: '' })
  await keepRefreshToken('for an API that wants JWTs', 'site', { resource: JWTS })
  const dpop = oidc.getDPoPHandle((await openidSite(system, 'bound')).configuration, await generateKeyPair('ES256'))
  const bound = await openidSite(system, 'bound').then((one) => one.signIn(person, { dpop, parameters: offline }))
  const boundForm = { grant_type: 'refresh_token', refresh_token: String(bound.refresh_token) }
  shown.set('a refresh token bound to a key', { clientId: 'bound', form: boundForm })
  shown.set('a code of nobody', {
    clientId: 'site',
    form: { grant_type: 'authorization_code', code: 'x'.repeat(46), redirect_uri: CALLBACK, code_verifier: VERIFIER },
  })
  shown.set('a refresh token of nobody', {
    clientId: 'site',
    form: { grant_type: 'refresh_token', refresh_token: `skrt_${'x'.repeat(46)}` },
  })

  // older than this test, and longer to live than it takes
  await system.database.query(
    `UPDATE oidc_artifacts SET expires_at = now() + interval '1 day', payload = payload || jsonb_build_object(
       'iat', (payload->>'iat')::int - 1000, 'exp', (payload->>'iat')::int + 86400) WHERE payload ? 'iat'`,
  )
  await system.database.query(
    `UPDATE oidc_artifacts SET payload = payload || jsonb_build_object('iiat', (payload->>'iiat')::int - 80 * 86400)
     WHERE payload ? 'iiat'`,
  )
  for (const table of KEPT) await system.database.query(`CREATE TABLE kept_${table} AS TABLE ${table}`)
})
afterAll(() => system.close())

const KEPT = ['oidc_artifacts', 'accounts', 'credentials', 'consents', 'clients'] as const
const COLUMNS = {
  accounts: ['status', 'sign_outs'],
  credentials: ['status', 'sign_outs'],
  consents: ['revoked_at'],
} as const

async function putBack(): Promise<void> {
  await system.database.query('DELETE FROM oidc_artifacts; INSERT INTO oidc_artifacts TABLE kept_oidc_artifacts')
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const set = columns.map((column) => `${column} = kept.${column}`).join(', ')
    await system.database.query(`UPDATE ${table} SET ${set} FROM kept_${table} AS kept WHERE kept.id = ${table}.id`)
  }
}

let libraryWasAsked: MockInstance
beforeEach(() => {
  libraryWasAsked = vi.spyOn(Provider.prototype as unknown as { createContext(): unknown }, 'createContext')
})
afterEach(putBack)

const TIMES = ['iat', 'exp', 'iiat']
/** The second request comes a little later than the first: times are compared by themselves. */
const timesIn = (payload: object): readonly number[] =>
  TIMES.map((name) => Number((payload as Record<string, unknown>)[name] ?? 0))
const A_WHILE = 60
function expectAboutTheSame(some: readonly number[], others: readonly number[]): void {
  expect(some.length).toBe(others.length)
  for (const [index, time] of some.entries()) expect(Math.abs(time - (others[index] ?? 0))).toBeLessThan(A_WHILE)
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .map(([name, inner]) => [name, TIMES.includes(name) ? typeof inner : sorted(inner)] as const)
          .toSorted(([one], [other]) => (one < other ? -1 : 1)),
      )
    : value

/** Of what is random, that it is there and what it looks like. */
const shapeOf = (token: unknown): unknown =>
  typeof token === 'string' ? `${token.slice(0, 5)} and ${token.length - 5} more` : token

function comparable({ status, headers, body, text }: RawAnswer) {
  const { date: _date, 'x-request-id': _request, 'x-incident-id': incident, ...rest } = Object.fromEntries(headers)
  const { access_token: access, refresh_token: refresh, id_token: id, ...others } = body
  const tokens =
    typeof access === 'string'
      ? {
          order: Object.keys(body),
          access: access.includes('.') ? 'a JWT' : shapeOf(access),
          refresh: shapeOf(refresh),
          id: typeof id === 'string' ? [decodeProtectedHeader(id), sorted(decodeJwt(id)), id.length] : id,
        }
      : { text }
  return { status, headers: rest, hasIncident: incident !== undefined, others, ...tokens }
}

/** Everything that is in the store, without what is random, and its times in the same order. */
async function stored(): Promise<{ readonly records: readonly string[]; readonly times: readonly number[] }> {
  const { rows } = await system.database.query<{ model: string; payload: object; used: boolean; ends: number }>(
    `SELECT model, payload, consumed_at IS NOT NULL AS used, extract(epoch FROM expires_at)::int AS ends FROM oidc_artifacts`,
  )
  const made = rows
    .map(({ payload, ends, ...row }) => {
      const { box, ...rest } = payload as { box?: unknown }
      const record = JSON.stringify({ ...row, payload: sorted(rest), hasBox: box !== undefined })
      return { record, times: [...timesIn(payload), ends] }
    })
    .toSorted((one, other) => (`${one.record} ${one.times.join()}` < `${other.record} ${other.times.join()}` ? -1 : 1))
  return { records: made.map(({ record }) => record), times: made.flatMap(({ times }) => times) }
}

/** @returns the answer, and whether oidc-provider was needed for it */
async function ask(
  { form, clientId }: Shown,
  more: Record<string, string> = {},
  headers: Readonly<Record<string, string>> = basic(clientId),
) {
  const address = `${system.issuer}/token`
  const { rows: before } = await system.database.query<object>('SELECT * FROM oidc_artifacts')
  libraryWasAsked.mockClear()
  const plain = await post(address, { ...form, ...more }, headers)
  const byLibrary = libraryWasAsked.mock.calls.length > 0
  const afterPlain = await stored()
  await system.database.query('DELETE FROM oidc_artifacts')
  await system.database.query(
    'INSERT INTO oidc_artifacts SELECT * FROM jsonb_populate_recordset(NULL::oidc_artifacts, $1)',
    [JSON.stringify(before.map(asJson))],
  )
  libraryWasAsked.mockClear()
  // the same to the library, and nothing that the short way takes
  const accept = 'application/json, text/none'
  const library = await post(address, { ...form, ...more }, { ...headers, accept })
  expect(libraryWasAsked).toHaveBeenCalledTimes(1)
  expect(comparable(plain)).toEqual(comparable(library))
  const [some, others] = [plain, library].map(({ body }) =>
    timesIn(decodeJwt(typeof body['id_token'] === 'string' ? body['id_token'] : NO_TOKEN)),
  )
  expectAboutTheSame(some ?? [], others ?? [])
  const afterLibrary = await stored()
  expect(afterPlain.records).toEqual(afterLibrary.records)
  expectAboutTheSame(afterPlain.times, afterLibrary.times)
  return { byLibrary, status: plain.status }
}

type Registered = Parameters<ConformanceSystem['register']>[0]
const NO_TOKEN = 'e30.e30.'
const asJson = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : (value as unknown),
    ]),
  )

const LIBRARY_ONLY = /JWTs|with claims|largest age|without openid|bound to a key|of nobody/

describe('every kind of code and refresh token', () => {
  test('is answered as the library answers it, and what sites do all day without it', async () => {
    const ways: string[] = []
    for (const [kind, one] of shown) {
      const { byLibrary, status } = await ask(one)
      await putBack()
      ways.push(`${kind}: ${status}${byLibrary ? ' by the library' : ''}`)
    }
    for (const way of ways) expect([way, way.endsWith('by the library')]).toEqual([way, LIBRARY_ONLY.test(way)])
    expect(ways.filter((way) => way.includes(': 200')).length).toBe(shown.size - 3)
  })
})

const DAILY = ['a code of a session', 'a code beyond the session', 'a code of a site that asks']
const RENEWING = ['a refresh token for an API', 'a refresh token of a site that asks', 'a refresh token of a refresh']
const kept = (kind: string): Shown => {
  const one = shown.get(kind)
  if (one === undefined) throw new Error(`no ${kind}`)
  return one
}

describe('a request that is not as it should be is the library’s to judge', () => {
  test.each([
    ['another address', { redirect_uri: 'http://localhost:2/cb' }],
    ['no address', { redirect_uri: '' }],
    ['another verifier', { code_verifier: 'w'.repeat(43) }],
    ['a short verifier', { code_verifier: 'v' }],
    ['no verifier', { code_verifier: '' }],
    ['another grant type', { grant_type: 'client_credentials' }],
    ['a grant type that nobody knows', { grant_type: 'pizza' }],
    ['a resource', { resource: API }],
    ['another resource', { resource: JWTS }],
    ['a scope', { scope: 'openid' }],
    ['more scopes', { scope: 'openid never' }],
    ['its id in the form too', { client_id: 'site' }],
    ['another id in the form', { client_id: 'asking' }],
    ['a secret in the form', { client_secret: 'x' }],
    ['an assertion', { client_assertion: 'x', client_assertion_type: 'x' }],
    ['a parameter that nobody knows', { pizza: 'x' }],
  ])('%s', async (_name, more) => {
    for (const kind of [DAILY[1] ?? '', RENEWING[0] ?? '']) {
      await ask(kept(kind), more)
      await putBack()
    }
  })

  test.each([
    ['a wrong secret', basic('site', 'w'.repeat(43))],
    ['no secret', basic('site', '')],
    ['another site', basic('asking')],
    ['a site that nobody knows', basic('nobody')],
    ['a form-encoded id', { authorization: `Basic ${Buffer.from(`s%69te:${'s'.repeat(43)}`).toString('base64')}` }],
    ['another scheme', { authorization: 'Bearer x' }],
    ['no base64', { authorization: 'Basic %' }],
    ['padding where none belongs', { authorization: `${basic('site').authorization}==` }],
    ['less than an octet too much', { authorization: `${basic('site').authorization}A` }],
    ['small letters', { authorization: basic('site').authorization.replace('Basic', 'basic') }],
  ])('%s', async (_name, credentials) => {
    for (const kind of [DAILY[1] ?? '', RENEWING[0] ?? '']) {
      await ask(kept(kind), {}, credentials)
      await putBack()
    }
  })

  test.each([
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded; charset=latin1',
    'application/x-www-form-urlencoded; charset=shift_jis',
    'application/x-www-form-urlencoded; charset=utf-16le',
    'application/x-www-form-urlencoded; charset=pizza',
    'application/x-www-form-urlencoded; boundary=x',
    'Application/X-WWW-Form-Urlencoded',
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
  ])('the type %j', async (type) => {
    await ask(kept(DAILY[1] ?? ''), {}, { ...basic('site'), 'content-type': type })
  })

  test.each([
    ['a page of another origin', { origin: 'https://elsewhere.example' }],
    ['a proof of no key', { dpop: 'x' }],
    ['an attestation', { 'oauth-client-attestation': 'x', 'oauth-client-attestation-pop': 'x' }],
    ['an encoding', { 'content-encoding': 'gzip' }],
    ['another host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'ftp' }],
  ])('%s', async (_name, more) => {
    await ask(kept(RENEWING[0] ?? ''), {}, { ...basic('site'), ...more })
  })

  test('a parameter of more octets than the short way reads', async () => {
    await ask(kept(DAILY[1] ?? ''), { pizza: 'x'.repeat(5000) })
  })

  test.each([
    '',
    '\ufeffgrant_type=refresh_token&refresh_token=a',
    'grant_type=authorization_code&grant_type=authorization_code',
    '%67rant_type=refresh_token&refresh%5Ftoken=a',
    'grant_type=refresh_token&refresh_token=a&__proto__=x',
    'grant_type=',
    'grant_type=refresh_token',
    'grant_type=refresh_token&refresh_token=a&refresh_token=b',
    '%',
  ])('the body %j', async (body) => {
    const plain = await post(`${system.issuer}/token`, body, basic('site'))
    const library = await post(`${system.issuer}/token`, body, {
      ...basic('site'),
      accept: 'application/json, text/none',
    })
    expect(comparable(plain)).toEqual(comparable(library))
  })
})

describe('once something has changed, it is the library that says so', () => {
  const inPayload = (models: string, change: string): string =>
    `UPDATE oidc_artifacts SET payload = payload || '${change}'::jsonb WHERE model IN (${models})`
  const outOfPayload = (models: string, member: string): string =>
    `UPDATE oidc_artifacts SET payload = payload - '${member}' WHERE model IN (${models})`
  const SOURCES = `'AuthorizationCode', 'RefreshToken'`

  test.each([
    ['they expired', inPayload(SOURCES, '{"exp":1}'), true],
    [
      'they were used long ago',
      `UPDATE oidc_artifacts SET consumed_at = to_timestamp(1) WHERE model IN (${SOURCES})`,
      true,
    ],
    ['they were used just now', `UPDATE oidc_artifacts SET consumed_at = now() WHERE model IN (${SOURCES})`, true],
    ['they are of another client', inPayload(SOURCES, '{"clientId":"codes-only"}'), true],
    ['they are of another kind', inPayload(SOURCES, '{"kind":"AccessToken"}'), true],
    ['they are bound to a key', inPayload(SOURCES, '{"jkt":"x","dpopJkt":"x"}'), true],
    ['they are bound to a certificate', inPayload(SOURCES, '{"x5t#S256":"x"}'), false],
    ['they were begun too long ago', inPayload(`'RefreshToken'`, '{"iiat":1}'), false],
    ['they were made by another tap', inPayload(SOURCES, '{"authTime":1}'), true],
    ['they do not say of what class the tap was', outOfPayload(SOURCES, 'acr'), true],
    ['the challenge is gone', outOfPayload(`'AuthorizationCode'`, 'codeChallenge'), false],
    ['the challenge is plain', inPayload(`'AuthorizationCode'`, '{"codeChallengeMethod":"plain"}'), false],
    ['the grants ended', `DELETE FROM oidc_artifacts WHERE model = 'Grant'`, true],
    ['the grants expired', inPayload(`'Grant'`, '{"exp":1}'), true],
    ['the grants are another client’s', inPayload(`'Grant'`, '{"clientId":"other"}'), true],
    ['the grants are another person’s', inPayload(`'Grant'`, '{"accountId":"other"}'), true],
    ['the grants reject a scope', inPayload(`'Grant'`, '{"rejected":{"openid":{"scope":"offline_access"}}}'), false],
    ['the grants give less', inPayload(`'Grant'`, '{"openid":{"scope":"openid"},"resources":{}}'), false],
    ['the sessions ended', `DELETE FROM oidc_artifacts WHERE model = 'Session'`, false],
    ['the sessions expired', inPayload(`'Session'`, '{"exp":1}'), false],
    ['the sessions are another person’s', inPayload(`'Session'`, '{"accountId":"other"}'), false],
    ['the sessions hold other grants', inPayload(`'Session'`, '{"authorizations":{}}'), false],
    ['the taps are forgotten', `DELETE FROM oidc_artifacts WHERE model = 'Authentication'`, true],
    ['the taps were of before a sign-out', inPayload(`'Authentication'`, '{"signOuts":7}'), true],
    ['the account was suspended', `UPDATE accounts SET status = 'suspended'`, true],
    ['the account was signed out', 'UPDATE accounts SET sign_outs = sign_outs + 1', true],
    ['the card was revoked', `UPDATE credentials SET status = 'revoked'`, true],
    ['the consents were taken back', 'UPDATE consents SET revoked_at = now() WHERE revoked_at IS NULL', false],
  ])('%s', async (_name, change, isRefusedAlways) => {
    await system.database.query(change)
    for (const kind of [...DAILY, ...RENEWING]) {
      const { byLibrary, status } = await ask(kept(kind))
      // it says yes, and no only of a code whose person may not go on
      const isNobody = status === 400 && kind.startsWith('a code')
      expect([kind, byLibrary || status === 200 || isNobody]).toEqual([kind, true])
      if (isRefusedAlways) expect([kind, status === 200]).toEqual([kind, false])
    }
  })

  test.each([
    ['a site that may not have refresh tokens any more', { clientId: 'site', grantTypes: ['authorization_code'] }],
    ['a site that may ask no API any more', { clientId: 'site', resources: [] }],
    ['a site that may ask less of an API', { clientId: 'site', resources: [{ resource: API, scopes: ['write'] }] }],
    ['a site whose tokens have to be bound to a key', { clientId: 'site', requireDpop: true }],
    ['a site that has another secret', { clientId: 'site', clientSecret: 't'.repeat(43) }],
    ['a site that has other addresses', { clientId: 'site', redirectUris: ['https://elsewhere.example/cb'] }],
    ['a site whose ID tokens are signed otherwise', { clientId: 'site', idTokenAlgorithm: 'RS256' }],
    ['an API that wants JWTs', { clientId: 'api', resourceServer: { ...api, accessTokenFormat: 'jwt' } }],
    ['an API with other scopes', { clientId: 'api', resourceServer: { ...api, scopes: ['write'] } }],
    ['an API whose tokens live shorter', { clientId: 'api', resourceServer: { ...api, accessTokenSeconds: 60 } }],
  ] as const)('%s', async (_name, { clientId, ...changed }) => {
    await system.register({
      ...(clientId === 'site' ? site : { redirectUris: [] }),
      clientId,
      ...changed,
    } as Registered)
    try {
      for (const kind of ['a code of a session', 'a code beyond the session', RENEWING[0] ?? '', RENEWING[2] ?? '']) {
        await ask(kept(kind))
        await putBack()
      }
    } finally {
      await registerAsBegun()
    }
  })

  test.each([...DAILY, ...RENEWING])('%s, of many requests at once one', async (kind) => {
    const { form, clientId } = kept(kind)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_one, index) =>
        post(`${index % 2 === 0 ? system.issuer : system.second}/token`, form, basic(clientId)),
      ),
    )
    const given = answers.filter(({ status }) => status === 200).map(({ body }) => body['refresh_token'])
    // a refresh token has one successor, whoever asks at once (docs/adr/0012); a code is used once
    if (kind.startsWith('a refresh')) expect(new Set(given).size).toBe(1)
    else expect(given.length).toBeLessThanOrEqual(1)
    for (const { status, body } of answers) {
      if (status !== 200) expect(body['error']).toBe('invalid_grant')
    }
  })
})
