import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { createCutOff, type CutOff } from '../support/cut-off.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { pollUntil } from '../support/poll-until.ts'
import { authorizationUrl, basic, get, post, responseIn, VERIFIER, type RawAnswer } from '../support/raw-openid.ts'
import { startRedis } from '../support/redis.ts'

/** What the OpenID endpoints answer while what they remember in is away: they do not know, and say so (attack 41). */
let system: ConformanceSystem
let redis: Awaited<ReturnType<typeof startRedis>>
let site: OpenidSite
let person: PersonWithCard
let accessToken: string
let refreshToken: string
const cables: { database?: CutOff; redis?: CutOff } = {}

const through = async (address: string): Promise<{ cable: CutOff; address: string }> => {
  const url = new URL(address)
  const cable = await createCutOff({ host: url.hostname, port: Number(url.port) })
  url.port = String(cable.port)
  return { cable, address: url.href }
}

beforeAll(async () => {
  redis = await startRedis()
  const toRedis = await through(redis.url)
  cables.redis = toRedis.cable
  system = await startConformanceSystem({ REDIS_URL: toRedis.address }, async (databaseUrl) => {
    const toDatabase = await through(databaseUrl)
    cables.database = toDatabase.cable
    return toDatabase.address
  })
  await system.register({ clientId: 'site', grantTypes: ['authorization_code', 'refresh_token'] })
  site = await openidSite(system, 'site')
  person = system.person()
  const tokens = await site.signIn(person, { parameters: { scope: 'openid offline_access', prompt: 'consent' } })
  accessToken = tokens.access_token
  refreshToken = tokens.refresh_token ?? ''
})
const mend = async (): Promise<void> => {
  cables.database?.mend()
  cables.redis?.mend()
  await pollUntil(async () => (await get(`${system.issuer}/health/ready`)).status === 200)
}
afterEach(mend)
afterAll(async () => {
  await system.close()
  await cables.database?.close()
  await cables.redis?.close()
  await redis.close()
})

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-language': 'en' }
const redeem = (code: string): Promise<RawAnswer> =>
  post(
    `${system.issuer}/token`,
    { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
    basic('site'),
  )

const PAGES: readonly (readonly [string, () => Promise<RawAnswer>])[] = [
  ['/auth', () => get(authorizationUrl(system.issuer), HTML)],
  ['/auth, to a program', () => get(authorizationUrl(system.issuer), { accept: '*/*' })],
  ['/session/end', () => get(`${system.issuer}/session/end?client_id=site`, HTML)],
]
const PROGRAMS: readonly (readonly [string, () => Promise<RawAnswer>])[] = [
  ['/token with a code', () => redeem('A'.repeat(46))],
  [
    '/token with a refresh token',
    () => post(`${system.issuer}/token`, { grant_type: 'refresh_token', refresh_token: refreshToken }, basic('site')),
  ],
  ['/me', () => get(`${system.issuer}/me`, { authorization: `Bearer ${accessToken}` })],
  ['/token/introspection', () => post(`${system.issuer}/token/introspection`, { token: accessToken }, basic('site'))],
  ['/token/revocation', () => post(`${system.issuer}/token/revocation`, { token: accessToken }, basic('site'))],
  ['/request', () => post(`${system.issuer}/request`, { ...paramsOf(authorizationUrl(system.issuer)) }, basic('site'))],
]
const paramsOf = (address: string): Record<string, string> => Object.fromEntries(new URL(address).searchParams)

describe.each(['database', 'redis'] as const)('attack 41: without the %s', (place) => {
  test.each(PAGES)('%s is a page that says so: 503, its code, when to come again', async (_name, ask) => {
    cables[place]?.cut()
    const { status, headers, text } = await ask()
    expect([status, headers.get('retry-after'), headers.get('location')]).toEqual([503, '5', null])
    expect(headers.get('content-type')).toMatch(/^text\/html/)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).toContain('SERVER_STORAGE_UNAVAILABLE')
    expect(text).toContain(headers.get('x-incident-id'))
  })

  test.each(PROGRAMS)('%s is JSON: 503 temporarily_unavailable, when to come again', async (_name, ask) => {
    cables[place]?.cut()
    const { status, headers, body } = await ask()
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
    expect(body).toEqual({ error: 'temporarily_unavailable', error_description: 'SERVER_STORAGE_UNAVAILABLE' })
  })

  test('attack 11: prompt=none of somebody who is signed in says nothing to the site, not even that nobody is', async () => {
    cables[place]?.cut()
    const page = await person.browser.open(authorizationUrl(system.issuer, { prompt: 'none' }))
    expect([page.status, page.url.pathname]).toEqual([503, '/auth'])
  })

  test('a code that was shown meanwhile is neither used nor lost', async () => {
    const address = await person.authorize(authorizationUrl(system.issuer))
    const code = responseIn(address)['code'] ?? ''
    cables[place]?.cut()
    expect((await redeem(code)).status).toBe(503)
    await mend()
    // a connection may still be on its way when readiness has seen another
    let status = 503
    await pollUntil(async () => (status = (await redeem(code)).status) !== 503)
    expect(status).toBe(200)
    expect((await redeem(code)).body['error']).toBe('invalid_grant')
  })
})
