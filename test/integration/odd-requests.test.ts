import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true })
})
afterAll(() => system.close())

/** `fetch` does not let anyone forge a Host header. */
async function discoveryWith(headers: Record<string, string>): Promise<Readonly<Record<string, unknown>>> {
  const { port } = new URL(system.issuer)
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path: '/.well-known/openid-configuration', headers }, (res) => {
      json(res).then((body) => {
        resolve(body as Record<string, unknown>)
      }, reject)
    })
    req.on('error', reject)
    req.end()
  })
}

describe('attack 10: what a request calls this host', () => {
  test.each([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
    ['Host with a port', { host: 'localhost:1' }],
  ])('a forged %s is in no address of the discovery document', async (_name, headers) => {
    const document = await discoveryWith(headers)
    const addresses = Object.entries(document).filter(([name]) => /(?:_endpoint|_uri|issuer)$/.test(name))
    expect(addresses.length).toBeGreaterThan(5)
    for (const [name, address] of addresses) expect(new URL(String(address)).origin, name).toBe(system.issuer)
  })
})

describe('the link to the other language', () => {
  test.each([
    ['/', '/?lang=en'],
    ['//', '/?lang=en'],
    ['//?lang=en', '/?lang=ja'],
    ['/?next=https://evil.example', '/?next=https%3A%2F%2Fevil.example&amp;lang=en'],
  ])('of %s is %s', async (path, href) => {
    const response = await fetch(`${system.issuer}${path}`, { headers: { 'accept-language': 'ja' } })
    expect(response.status).toBe(200)
    expect(/class="language" href="([^"]*)"/.exec(await response.text())?.[1]).toBe(href)
  })
})

test('attack 10: a request line with an address of elsewhere, and none at all, is a request without a token', async () => {
  const { port } = new URL(system.issuer)
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: 'http://evil.example:99999/api/v1/external-accounts' }, (res) => {
      res.resume()
      resolve(res.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(401)
})

describe('a NUL, which no database takes into a text', () => {
  const asked = 'response_type=code&scope=openid&client_id'
  test.each([
    `/auth?${asked}=%00`,
    `/auth?${asked}=sekisho-account&redirect_uri=ISSUER/account/signed-in&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256&state=a%00b`,
    '/session/end?client_id=%00',
  ])('%s is a faulty request, and no fault of ours', async (path) => {
    const answer = await fetch(`${system.issuer}${path.replace('ISSUER', system.issuer)}`, { redirect: 'manual' })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('data-error-code="CLIENT_REQUEST_INVALID"')
  })

  test('at the token endpoint too', async () => {
    const answer = await fetch(`${system.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: '\0', client_secret: 'x' }),
    })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }])
  })
})
