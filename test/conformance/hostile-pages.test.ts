import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import type { Page } from '../../src/main/demo/scripted-browser.ts'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { asksConsent } from '../support/person-consents.ts'
import { authorizationUrl, get, responseIn } from '../support/raw-openid.ts'

/** Everything that a site may say of itself, said by one that means harm. */
const SCRIPT = '<script>alert(1)</script>'
const NAME = `"><img src=x onerror=alert(1)>${SCRIPT}`
const API = 'https://api.example/'
let system: ConformanceSystem

beforeAll(async () => {
  system = await startConformanceSystem()
  const displayName = { ja: NAME, en: NAME }
  await system.register({
    clientId: 'api',
    displayName,
    redirectUris: [],
    resourceServer: { resource: API, scopes: ['read'] },
    scopeDescriptions: { read: { ja: SCRIPT, en: SCRIPT } },
  })
  await system.register({
    clientId: 'hostile',
    displayName,
    firstParty: false,
    policyUri: "https://hostile.example/'onmouseover='alert(1)",
    tosUri: 'https://hostile.example/?a=%22%3E%3Cscript%3E',
    postLogoutRedirectUris: ['http://localhost:1/bye'],
    resources: [{ resource: API, scopes: ['read'] }],
  })
})
afterAll(() => system.close())

/** A page says nothing of an attacker's as markup, asks for nothing from elsewhere, and is in nobody's frame. */
async function expectHarmless(page: Pick<Page, 'html'>, address: string): Promise<void> {
  expect(page.html, address).not.toContain(SCRIPT)
  expect(page.html, address).not.toMatch(/<img[^>]*onerror/i)
  expect(page.html, address).not.toMatch(/<script(?![^>]*\bsrc="\/assets\/)/i)
  expect(page.html, address).not.toMatch(/<style|\sstyle=|\son[a-z]+="/i)
  for (const [, target = ''] of page.html.matchAll(/(?:href|action|src)="([^"]*)"/g)) {
    expect(target, address).not.toMatch(/^\s*(javascript|data|vbscript):/i)
  }
  const { headers } = await get(address, { accept: 'text/html' })
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy, address).toContain("default-src 'none'")
  expect(policy, address).toContain("frame-ancestors 'none'")
  expect(policy, address).not.toMatch(/unsafe-|\*|data:|https?:(?!\/\/127\.0\.0\.1)/)
  expect([headers.get('x-frame-options'), headers.get('x-content-type-options')], address).toEqual(['DENY', 'nosniff'])
}

describe('attack 17: script injection, framing, open redirects', () => {
  const ask = (changes: Record<string, string> = {}): string =>
    authorizationUrl(system.issuer, { client_id: 'hostile', scope: 'openid read', resource: API, ...changes })

  test('what a site calls itself is text on every page of a sign-in, and on the person’s own', async () => {
    const person = system.person()
    const signIn = await person.browser.open(ask())
    await expectHarmless(signIn, signIn.url.href)
    const consent = await person.open(ask())
    expect(asksConsent(consent)).toBe(true)
    await expectHarmless(consent, consent.url.href)
    expect(consent.html).toContain('&lt;script&gt;')
    const [form] = formsOf(consent.html)
    await person.browser.submit(consent, form?.action ?? '', form?.values ?? {})
    const account = await person.open(`${system.issuer}/account`)
    await expectHarmless(account, `${system.issuer}/account`)
    const logout = await person.browser.open(`${system.issuer}/session/end?client_id=hostile`)
    await expectHarmless(logout, logout.url.href)
    const [confirm] = formsOf(logout.html)
    const done = await person.browser.submit(logout, confirm?.action ?? '', { ...confirm?.values, logout: 'yes' })
    await expectHarmless(done, done.url.href)
  })

  test.each([
    ['an unknown client', (bad: string) => `/auth?client_id=${bad}`],
    ['another redirect address', (bad: string) => `/auth?client_id=hostile&redirect_uri=${bad}`],
    ['a state', (bad: string) => `/auth?client_id=nobody&state=${bad}`],
    ['a language', (bad: string) => `/?lang=${bad}`],
    ['languages of a request', (bad: string) => `/auth?client_id=nobody&ui_locales=${bad}`],
    ['a path', (bad: string) => `/${bad}`],
    ['a path below an OpenID one', (bad: string) => `/token/${bad}`],
    ['a code of refusal', (bad: string) => `/interaction/x?refused=${bad}`],
    ['a completion', (bad: string) => `/interaction/x/complete?code=${bad}`],
    ['what was done', (bad: string) => `/account/signed-in?error=${bad}`],
    ['a log-out', (bad: string) => `/session/end?client_id=${bad}&state=${bad}&ui_locales=${bad}`],
    ['a log-out that leads elsewhere', (bad: string) => `/session/end?post_logout_redirect_uri=${bad}`],
  ])('%s of an attacker is text, and leads nowhere', async (_what, path) => {
    for (const bad of [NAME, "javascript:alert(1)//'", '//attacker.example', 'https://attacker.example/%0d%0aX: y']) {
      const address = system.issuer + path(encodeURIComponent(bad))
      const answer = await get(address, { accept: 'text/html' })
      const location = answer.headers.get('location')
      if (location !== null) expect(new URL(location, system.issuer).origin, address).toBe(system.issuer)
      else await expectHarmless({ html: answer.text }, address)
      expect(answer.headers.get('x')).toBeNull()
    }
  })

  test.each([
    ['policyUri', 'javascript:alert(1)'],
    ['tosUri', 'data:text/html,x'],
    ['logoUri', 'http://hostile.example/logo.svg'],
  ])('%s: %s is not registered', async (field, value) => {
    await expect(system.register({ clientId: 'worse', [field]: value })).rejects.toMatchObject({
      issues: [expect.objectContaining({ path: [field] })],
    })
  })

  test('no answer of an authorization request leaves but to the registered address', async () => {
    const person = system.person()
    const page = await person.open(ask({ prompt: 'consent', state: `${CALLBACK}@attacker.example` }))
    const back = await person.browser.follow(page, `${page.url.pathname}/cancel?next=https://attacker.example`)
    expect([back.url.origin + back.url.pathname, responseIn(back.url)['error']]).toEqual([CALLBACK, 'access_denied'])
  })
})
