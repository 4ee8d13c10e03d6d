import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import { basic, CHALLENGE, get, post, VERIFIER, authorizationUrl } from '../support/raw-openid.ts'

/** What scripts of which origins may read (CORS). Applications in the browser need it; nobody else does. */
const OWN = new URL(CALLBACK).origin
const OTHER = 'https://attacker.example'
let system: ConformanceSystem
let app: OpenidSite

beforeAll(async () => {
  system = await startConformanceSystem()
  await system.register({ clientId: 'app', applicationType: 'spa' })
  await system.register({ clientId: 'bound', applicationType: 'spa', requireDpop: true })
  await system.register({ clientId: 'native', applicationType: 'native', redirectUris: ['com.example.app:/cb'] })
  await system.register({ clientId: 'site' })
  app = await openidSite(system, 'app', oidc.None())
})
afterAll(() => system.close())

const allowed = ({ headers }: { readonly headers: Headers }): string | null =>
  headers.get('access-control-allow-origin')

async function newCode(clientId: string): Promise<string> {
  const request = authorizationUrl(system.issuer, { client_id: clientId, code_challenge: CHALLENGE })
  return (await system.person().authorize(request)).searchParams.get('code') ?? ''
}

const redeem = (code: string, clientId: string, origin: string, headers: Record<string, string> = {}) => {
  const parameters = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
  const identified = headers['authorization'] === undefined ? { ...parameters, client_id: clientId } : parameters
  return post(`${system.issuer}/token`, identified, { origin, ...headers })
}

test.each(['/.well-known/openid-configuration', '/jwks'])('%s is for everybody', async (path) => {
  const answer = await get(`${system.issuer}${path}`, { origin: OTHER })
  expect([answer.status, allowed(answer)]).toEqual([200, OTHER])
})

describe('the token endpoint', () => {
  test('answers an application at the origin of its redirect address', async () => {
    const answer = await redeem(await newCode('app'), 'app', OWN)
    expect([answer.status, allowed(answer)]).toEqual([200, OWN])
  })

  test('answers no other origin, and its code is not spent', async () => {
    const code = await newCode('app')
    const answer = await redeem(code, 'app', OTHER)
    expect([answer.status, allowed(answer), answer.body['error']]).toEqual([400, null, 'invalid_request'])
    expect((await redeem(code, 'app', OWN)).status).toBe(200)
  })

  test('answers no page for a client with a secret, whatever its origin', async () => {
    const answer = await redeem(await newCode('site'), 'site', OWN, basic('site'))
    expect([answer.status, allowed(answer)]).toEqual([400, null])
  })

  test('“null” is the origin of nobody, though the address of a native application has it', async () => {
    const answer = await redeem('x', 'native', 'null')
    expect([allowed(answer), answer.body['error']]).toEqual([null, 'invalid_request'])
  })

  test('lets the application read which nonce its proof must have', async () => {
    const answer = await redeem('x', 'bound', OWN, { dpop: 'no proof' })
    expect(allowed(answer)).toBe(OWN)
    expect(answer.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce')
  })

  test('a preflight lets a proof through, and no cookies', async () => {
    const { status, headers } = await fetch(`${system.issuer}/token`, {
      method: 'OPTIONS',
      headers: { origin: OWN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' },
    })
    expect([status, headers.get('access-control-allow-headers')]).toEqual([204, 'dpop'])
    expect(headers.has('access-control-allow-credentials')).toBe(false)
  })
})

test.each([
  ['userinfo', '/me', 'authorization'],
  ['revocation', '/token/revocation', 'body'],
])('%s answers the origin of the token’s client alone', async (_name, path, place) => {
  const { access_token: token } = await app.signIn(system.person())
  const ask = (origin: string) =>
    place === 'body'
      ? post(`${system.issuer}${path}`, { token, client_id: 'app' }, { origin })
      : get(`${system.issuer}${path}`, { origin, authorization: `Bearer ${token}` })
  const other = await ask(OTHER)
  expect([other.status, allowed(other)]).toEqual([400, null])
  const own = await ask(OWN)
  expect([own.status, allowed(own), own.headers.has('access-control-allow-credentials')]).toEqual([200, OWN, false])
})

test.each(['/auth', '/session/end', '/account', '/'])('%s is read by no script of another origin', async (path) => {
  const answer = await get(`${system.issuer}${path}`, { origin: OTHER })
  expect(allowed(answer)).toBeNull()
})
