import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_POSTED_BYTES } from '../../src/oidc/accept-posted-request.ts'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, get, responseIn } from '../support/raw-openid.ts'

let system: ConformanceSystem
let person: PersonWithCard
/** A site whose page holds a form. */
let site: Server
let sitePage: string
let form: Record<string, string> = {}

beforeAll(async () => {
  system = await startConformanceSystem()
  await system.register({ clientId: 'site', postLogoutRedirectUris: ['http://localhost:1/goodbye'] })
  site = createServer((_req, res) => {
    const inputs = Object.entries(form).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
    res.setHeader('content-type', 'text/html')
    res.end(`<form id="to-provider" method="post" action="${system.issuer}/auth">${inputs.join('')}</form>`)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  sitePage = `http://localhost:${(site.address() as AddressInfo).port}/`
  person = system.person()
  await (await openidSite(system, 'site')).signIn(person)
})
afterAll(async () => {
  site.closeAllConnections()
  site.close()
  await system.close()
})

const parametersOf = (changes: Record<string, string | undefined> = {}): Record<string, string> =>
  Object.fromEntries(new URL(authorizationUrl(system.issuer, changes)).searchParams)
const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${system.issuer}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
    body,
    redirect: 'manual',
  })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}

describe('an authorization request by a form (OpenID Connect Core §3.1.2.1)', () => {
  test('of another site signs in, with the session that a link would have had', async () => {
    form = parametersOf()
    const page = await person.browser.open(`${system.issuer}/health/live`)
    expect(page.status).toBe(200)
    const [toProvider] = formsOf(await (await fetch(sitePage)).text())
    const seen = await person.browser.submit({ ...page, url: new URL(sitePage) }, toProvider?.action ?? '', {
      ...toProvider?.values,
    })
    expect(responseIn(seen.url)).toMatchObject({ state: 'the state', iss: system.issuer })
    expect(responseIn(seen.url)).toHaveProperty('code')
  })

  test('says the same as a link, errors too', async () => {
    for (const changes of [{}, { prompt: 'none login' }, { code_challenge: undefined }, { response_type: 'token' }]) {
      const link = await get(authorizationUrl(system.issuer, changes))
      const { status, location } = await post('/auth', new URLSearchParams(parametersOf(changes)).toString())
      expect(status).toBe(303)
      const followed = await get(new URL(location ?? '', system.issuer).href)
      const [one, other] = [followed, link].map(({ status: code, headers }) => [
        code,
        headers.get('location')?.replace(/interaction\/.*/, 'interaction'),
      ])
      expect(one).toEqual(other)
    }
  })

  test('attack 18: with a parameter twice is refused, and goes nowhere but to our own address', async () => {
    const { status, location } = await post('/auth', `${new URLSearchParams(parametersOf()).toString()}&state=2`)
    expect([status, location]).toEqual([303, expect.stringMatching(/^\/auth\?/)])
    const { headers } = await get(new URL(location ?? '', system.issuer).href)
    expect(responseIn(headers.get('location'))).toMatchObject({ error: 'invalid_request' })
  })

  test('attack 18: is bounded: a longer one is refused with a page, whatever it says of its length', async () => {
    const fitting = await post('/auth', `state=${'x'.repeat(MAX_POSTED_BYTES - 6)}`)
    expect(fitting.status).toBe(303)
    const long = await post('/auth', `state=${'x'.repeat(MAX_POSTED_BYTES)}`)
    expect([long.status, long.location]).toEqual([413, null])
    expect(long.text).toContain('data-error-code="CLIENT_REQUEST_INVALID"')
    expect(await chunked(`state=${'x'.repeat(MAX_POSTED_BYTES)}`)).toMatch(/^HTTP\/1\.1 413 /)
  })

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])('as %s is refused', async (type) => {
    const { status, location } = await post('/auth', '{}', { 'content-type': type })
    expect([status, location]).toEqual([400, null])
  })

  test('opens no other address: what the path adds to it stays in the path', async () => {
    for (const path of ['//attacker.example/auth', '/auth/', '/auth/..//attacker.example', '/AUTH']) {
      const { status, location } = await post(path, 'a=b')
      expect([path, status, location]).toEqual([path, 404, null])
    }
  })
})

describe('a log-out request by a form (RP-Initiated Logout §2)', () => {
  test('attack 14: asks the person like a link, and logs nobody out by itself', async () => {
    const client = await openidSite(system, 'site')
    const { id_token: hint = '' } = await client.signIn(person)
    const page = await person.browser.open(`${system.issuer}/health/live`)
    const asked = await person.browser.submit({ ...page, url: new URL(sitePage) }, `${system.issuer}/session/end`, {
      id_token_hint: hint,
      post_logout_redirect_uri: 'http://localhost:1/goodbye',
    })
    expect(asked.html).toContain('id="logout"')
    const silent = await person.authorize(authorizationUrl(system.issuer, { prompt: 'none' }))
    expect(responseIn(silent)).toHaveProperty('code')
    const [confirm] = formsOf(asked.html)
    const gone = await person.browser.submit(asked, confirm?.action ?? '', { ...confirm?.values, logout: 'yes' })
    expect(gone.url.href).toBe('http://localhost:1/goodbye')
  })
})

describe('an address that nobody answers, below the OpenID paths', () => {
  test.each([
    ['GET', '/token'],
    ['GET', '/token/nothing'],
    ['POST', '/token/nothing'],
    ['DELETE', '/auth'],
    ['GET', '/.well-known/nothing'],
    ['PUT', '/me'],
  ])('%s %s: a page for people, JSON for programs', async (method, path) => {
    const asPerson = await fetch(`${system.issuer}${path}`, { method, headers: { accept: 'text/html,*/*;q=0.8' } })
    expect([asPerson.status, asPerson.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(await asPerson.text()).toContain('data-error-code="SERVER_PAGE_NOT_FOUND"')
    expect(asPerson.headers.get('content-security-policy')).toContain("default-src 'none'")
    const asProgram = await fetch(`${system.issuer}${path}`, { method })
    expect([asProgram.status, await asProgram.json()]).toEqual([404, expect.objectContaining({ error: 'not_found' })])
  })
})

/** A body whose length is not said. @returns the first line of the answer */
function chunked(body: string): Promise<string> {
  const { hostname, port } = new URL(system.issuer)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.on('error', reject)
    socket.once('data', (data) => {
      resolve(data.toString('latin1').split('\r\n', 1)[0] ?? '')
      socket.destroy()
    })
    socket.write(
      `POST /auth HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n` +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    )
  })
}
