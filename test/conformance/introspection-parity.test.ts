import { generateKeyPair } from 'jose'
import * as oidc from 'openid-client'
import { Provider } from 'oidc-provider'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type SignInOptions } from '../support/openid-site.ts'
import { authorizationUrl, basic, post, responseIn, type RawAnswer } from '../support/raw-openid.ts'

/**
 * What is answered without oidc-provider (src/oidc/introspection/) is what oidc-provider answers: each question is put twice, once as nearly
 * every resource server puts it, once so that only the library takes it, and the answers are the same to the header.
 */
const API = 'https://api.example/'
const OTHER = 'https://other.example/'
const JWTS = 'https://jwts.example/'
const BOTH = 'https://both.example/'
let system: ConformanceSystem
/** By kind. */
const tokens = new Map<string, string>()

beforeAll(async () => {
  // its tables are changed under it
  system = await startConformanceSystem({ REDIS_URL: '' })
  const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const
  const resources = [API, OTHER, JWTS, BOTH].map((resource) => ({ resource, scopes: ['read'] }))
  const api = { redirectUris: [] }
  const scopes = ['read']
  await system.register({ clientId: 'api', ...api, resourceServer: { resource: API, scopes } })
  await system.register({ clientId: 'other-api', ...api, resourceServer: { resource: OTHER, scopes } })
  await system.register({
    clientId: 'jwt-api',
    ...api,
    resourceServer: { resource: JWTS, scopes, accessTokenFormat: 'jwt' },
  })
  await system.register({ clientId: 'site', grantTypes: [...grantTypes], resources })
  await system.register({ clientId: 'asking', grantTypes: [...grantTypes], resources, firstParty: false })
  await system.register({ clientId: 'bound', grantTypes: [...grantTypes], resources, requireDpop: true })
  await system.register({
    clientId: 'unchecked',
    grantTypes: [...grantTypes],
    resources,
    revocationPolicy: 'allow-unchecked',
  })
  // a site that has an API of its own
  await system.register({
    clientId: 'both',
    grantTypes: [...grantTypes],
    resources,
    resourceServer: { resource: BOTH, scopes },
  })

  const keys = await generateKeyPair('ES256')
  const at = async (clientId: string, resource: string, scope: string, options: SignInOptions = {}) => {
    const site = await openidSite(system, clientId)
    return site.signIn(system.person(), { ...options, parameters: { scope, ...(resource === '' ? {} : { resource }) } })
  }
  const keep = (kind: string, token: unknown): void => void tokens.set(kind, String(token))
  const online = await at('site', API, 'openid read')
  keep('of a session', online.access_token)
  const offline = await at('site', API, 'openid offline_access read')
  keep('beyond a session', offline.access_token)
  keep('a refresh token', offline.refresh_token)
  const site = await openidSite(system, 'site')
  const second = await at('site', API, 'openid offline_access read')
  keep('of a refresh', (await oidc.refreshTokenGrant(site.configuration, String(second.refresh_token))).access_token)
  keep('of a site that asks', (await at('asking', API, 'openid read')).access_token)
  keep('of a site that allows unchecked cards', (await at('unchecked', API, 'openid read')).access_token)
  const bound = await openidSite(system, 'bound')
  const dpop = oidc.getDPoPHandle(bound.configuration, keys)
  const parameters = { scope: 'openid read', resource: API }
  keep('bound to a key', (await bound.signIn(system.person(), { dpop, parameters })).access_token)
  keep('for an API of the site itself', (await at('both', BOTH, 'openid read')).access_token)
  keep('for userinfo', (await at('site', '', 'openid')).access_token)
  keep('for another API', (await at('site', OTHER, 'openid read')).access_token)
  keep('a JWT', (await at('site', JWTS, 'openid read')).access_token)
  keep(
    'of a program',
    (await oidc.clientCredentialsGrant(site.configuration, { resource: API, scope: 'read' })).access_token,
  )
  keep('a code', responseIn(await system.person().authorize(authorizationUrl(system.issuer)))['code'])
  keep('nobody’s', `skat_${'x'.repeat(46)}`)
  keep('no token at all', 'x')
})
afterAll(() => system.close())

const READERS = ['api', 'other-api', 'jwt-api', 'both', 'site', 'nobody']
const HINTS: readonly Record<string, string>[] = [
  {},
  { token_type_hint: 'access_token' },
  { token_type_hint: 'refresh_token' },
  { token_type_hint: 'pizza' },
]
/** Of persons, opaque, for the API that asks: what a resource server sees all day. */
const DAILY = ['of a session', 'beyond a session', 'of a refresh', 'of a site that asks', 'bound to a key']

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .map(([name, inner]) => [name, sorted(inner)] as const)
          .toSorted(([one], [other]) => (one < other ? -1 : 1)),
      )
    : value

function comparable({ status, headers, text }: RawAnswer) {
  const { date: _date, 'x-request-id': _request, 'x-incident-id': _incident, ...rest } = Object.fromEntries(headers)
  return { status, headers: rest, text: JSON.stringify(sorted(JSON.parse(text))) }
}

let libraryWasAsked: MockInstance
beforeEach(() => {
  libraryWasAsked = vi.spyOn(Provider.prototype as unknown as { createContext(): unknown }, 'createContext')
})

/** @returns the answer, and whether oidc-provider was needed for it */
async function ask(token: string, credentials: { authorization: string }, more: Record<string, string> = {}) {
  const address = `${system.issuer}/token/introspection`
  libraryWasAsked.mockClear()
  const plain = await post(address, { token, ...more }, credentials)
  const byLibrary = libraryWasAsked.mock.calls.length > 0
  libraryWasAsked.mockClear()
  // the same to the library, and nothing that the short way takes
  const library = await post(address, { token, ...more }, { ...credentials, accept: 'application/json, text/none' })
  expect(libraryWasAsked).toHaveBeenCalledTimes(1)
  expect(comparable(plain)).toEqual(comparable(library))
  return { byLibrary, isActive: plain.body['active'] }
}

async function askEverything(): Promise<readonly string[]> {
  const atOnce: string[] = []
  for (const [kind, token] of tokens) {
    for (const reader of READERS) {
      for (const hint of HINTS) {
        const { byLibrary, isActive } = await ask(token, basic(reader), hint)
        if (byLibrary) continue
        // it says yes and nothing else
        expect([kind, reader, isActive]).toEqual([kind, reader, true])
        atOnce.push(`${kind} at ${reader}`)
      }
    }
  }
  return [...new Set(atOnce)]
}

describe('every kind of token, at every reader, with every hint', () => {
  test('is answered as the library answers it, and what is asked all day without it', async () => {
    // the first question about somebody gives them a name at the reader, which is the library's to do
    await askEverything()
    const atOnce = await askEverything()
    expect(atOnce).toEqual(expect.arrayContaining(DAILY.map((kind) => `${kind} at api`)))
    expect(atOnce).toEqual(
      expect.arrayContaining(['for another API at other-api', 'for an API of the site itself at both']),
    )
    expect(atOnce.filter((one) => / (?:site|nobody|jwt-api)$/.test(one))).toEqual([])
  })
})

describe('however the reader shows who it is', () => {
  test.each([
    ['a wrong secret', basic('api', 'w'.repeat(43))],
    ['no secret', basic('api', '')],
    ['a form-encoded id', { authorization: `Basic ${Buffer.from(`a%70i:${'s'.repeat(43)}`).toString('base64')}` }],
    ['another scheme', { authorization: 'Bearer x' }],
    ['no colon', { authorization: `Basic ${Buffer.from('api').toString('base64')}` }],
    ['no base64', { authorization: 'Basic %' }],
    ['too much padding', { authorization: `${basic('api').authorization}=` }],
    ['no padding', { authorization: basic('api').authorization.replace('=', '') }],
    ['small letters', { authorization: basic('api').authorization.replace('Basic', 'basic') }],
  ])('%s', async (_name, credentials) => {
    await ask(tokens.get('of a session') ?? '', credentials)
  })

  test.each([
    ['with its id in the form too', { client_id: 'api' }],
    ['with another id in the form', { client_id: 'site' }],
    ['with an assertion beside its secret', { client_assertion: 'x', client_assertion_type: 'x' }],
    ['with a parameter that nobody knows', { pizza: 'x' }],
  ])('%s', async (_name, more) => {
    await ask(tokens.get('of a session') ?? '', basic('api'), more)
  })

  test.each(['', 'token=', 'token=a&token=b', 'pizza=1', 'token=%', '%'])('the body %j', async (body) => {
    const address = `${system.issuer}/token/introspection`
    const plain = await post(address, body, basic('api'))
    const library = await post(address, body, { ...basic('api'), accept: 'application/json, text/none' })
    expect(comparable(plain)).toEqual(comparable(library))
  })
})

describe('once something has changed, it is the library that says so', () => {
  const KEPT = [
    ['accounts', ['status', 'sign_outs']],
    ['credentials', ['status', 'sign_outs']],
    ['consents', ['revoked_at']],
  ] as const
  beforeEach(async () => {
    for (const table of ['oidc_artifacts', ...KEPT.map(([name]) => name)]) {
      await system.database.query(`CREATE TABLE kept_${table} AS TABLE ${table}`)
    }
  })
  afterEach(async () => {
    await system.database.query('DELETE FROM oidc_artifacts; INSERT INTO oidc_artifacts TABLE kept_oidc_artifacts')
    for (const [table, columns] of KEPT) {
      const set = columns.map((column) => `${column} = kept.${column}`).join(', ')
      await system.database.query(`UPDATE ${table} SET ${set} FROM kept_${table} AS kept WHERE kept.id = ${table}.id`)
    }
    await system.database.query('DROP TABLE kept_oidc_artifacts, kept_accounts, kept_credentials, kept_consents')
  })

  const inPayload = (model: string, change: string): string =>
    `UPDATE oidc_artifacts SET payload = payload || '${change}'::jsonb WHERE model = '${model}'`
  const outOfPayload = (model: string, field: string): string =>
    `UPDATE oidc_artifacts SET payload = payload - '${field}' WHERE model = '${model}'`

  test.each([
    ['the tokens expired', inPayload('AccessToken', '{"exp":1}')],
    ['the tokens do not end', outOfPayload('AccessToken', 'exp')],
    ['the tokens do not say when they were made', outOfPayload('AccessToken', 'iat')],
    ['the tokens were revoked', `DELETE FROM oidc_artifacts WHERE model = 'AccessToken'`],
    ['the tokens are of another kind', inPayload('AccessToken', '{"kind":"RefreshToken"}')],
    ['the tokens say that they are JWTs', inPayload('AccessToken', '{"format":"jwt"}')],
    ['the tokens are for nobody', outOfPayload('AccessToken', 'aud')],
    ['the tokens are without a person', outOfPayload('AccessToken', 'accountId')],
    ['the tokens are without a tap', outOfPayload('AccessToken', 'extra')],
    ['the tokens are bound to a certificate', inPayload('AccessToken', '{"x5t#S256":"x"}')],
    ['the grants ended', `DELETE FROM oidc_artifacts WHERE model = 'Grant'`],
    ['the grants expired', inPayload('Grant', '{"exp":1}')],
    ['the grants are another client’s', inPayload('Grant', '{"clientId":"other"}')],
    ['the grants are another person’s', inPayload('Grant', '{"accountId":"other"}')],
    ['the sessions ended', `DELETE FROM oidc_artifacts WHERE model = 'Session'`],
    ['the sessions expired', inPayload('Session', '{"exp":1}')],
    ['the sessions are another person’s', inPayload('Session', '{"accountId":"other"}')],
    ['the sessions hold other grants', inPayload('Session', '{"authorizations":{"site":{"grantId":"other"}}}')],
    ['the account was suspended', `UPDATE accounts SET status = 'suspended'`],
    ['the account was signed out', 'UPDATE accounts SET sign_outs = sign_outs + 1'],
    ['the card was revoked', `UPDATE credentials SET status = 'revoked'`],
    ['the card was signed out', 'UPDATE credentials SET sign_outs = sign_outs + 1'],
    ['the consents were taken back', 'UPDATE consents SET revoked_at = now() WHERE revoked_at IS NULL'],
  ])('%s', async (_name, change) => {
    await system.database.query(change)
    for (const kind of [...DAILY, 'for userinfo']) {
      const { byLibrary, isActive } = await ask(tokens.get(kind) ?? '', basic('api'))
      expect([kind, byLibrary || isActive]).toEqual([kind, true])
    }
  })

  test('a site that was disabled', async () => {
    const disable = (at: string) =>
      system.database.query(`UPDATE clients SET disabled_at = ${at} WHERE client_id = 'site'`)
    await disable('now()')
    await ask(tokens.get('of a session') ?? '', basic('api'))
    await disable('NULL')
  })
})
