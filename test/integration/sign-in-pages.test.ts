import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { signInOnce } from '../../src/main/demo/sign-in-once.ts'
import { beginSignIn, openTicket } from '../support/hand-ceremony.ts'
import { answerByHand, startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false })
})
afterAll(() => system.close())

const codeOn = (html: string): string | undefined => /data-error-code="(\w+)"/.exec(html)?.[1]

describe('attack 12: whose interaction it is', () => {
  test('the page of another browser’s interaction is refused', async () => {
    const { page } = await system.beginSignIn()
    const stranger = createScriptedBrowser({ acceptLanguage: 'en' })
    const seen = await stranger.open(page.url.href)
    expect([seen.status, codeOn(seen.html)]).toEqual([403, 'SIGNIN_COOKIE_MISSING'])
  })

  test('one’s own cookie does not open another’s interaction', async () => {
    const [mine, other] = [await system.beginSignIn(), await system.beginSignIn()]
    const seen = await mine.browser.open(other.page.url.href)
    expect([seen.status, codeOn(seen.html)]).toEqual([403, 'SIGNIN_COOKIE_MISSING'])
  })

  test('a cookie with a changed signature opens nothing', async () => {
    const { interactionId } = await system.beginSignIn()
    const response = await fetch(`${system.issuer}/interaction/${interactionId}`, {
      headers: { cookie: `sekisho_interaction=${interactionId}; sekisho_interaction.sig=${'A'.repeat(27)}` },
    })
    expect([response.status, codeOn(await response.text())]).toEqual([403, 'SIGNIN_COOKIE_UNREADABLE'])
  })

  test('a session cookie set beforehand is not taken over', async () => {
    const fixed = 'x'.repeat(21)
    const response = await fetch(`${system.issuer}/auth?client_id=sample-shop`, {
      headers: { cookie: `sekisho_session=${fixed}` },
      redirect: 'manual',
    })
    expect(response.headers.getSetCookie().join('\n')).not.toContain(fixed)
  })
})

describe('attacks 12, 13, 22: cookies that somebody planted', () => {
  test('who finishes an interaction is who goes on with it', async () => {
    // the attacker begins, and keeps both of his cookies
    const { ticket, interactionId, cookies } = await beginByHand()
    // the victim's browser holds the attacker's interaction cookie alone, and uses the card
    const planted = cookies.filter((pair) => pair.startsWith('sekisho_interaction')).join('; ')
    const message = (await (await fetch(`${system.issuer}/agent/tickets/${ticket}`)).json()) as {
      nonce: string
      context: string
    }
    const answered = await fetch(`${system.issuer}/agent/tickets/${ticket}/response`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answerByHand(await system.demo.jpki.card('taro'), message, system.issuer)),
    })
    const { completion_uri: completion } = (await answered.json()) as { completion_uri: string }
    const finished = await fetch(completion, { headers: { cookie: planted }, redirect: 'manual' })
    expect(finished.headers.get('location')).toBe(`${system.issuer}/auth/${interactionId}`)

    // the attacker goes on, with everything he has
    const own = { headers: { cookie: cookies.join('; ') }, redirect: 'manual' } as const
    const resumed = await fetch(`${system.issuer}/auth/${interactionId}`, own)
    expect([resumed.status, codeOn(await resumed.text())]).toEqual([403, 'SIGNIN_OTHER_BROWSER'])
    expect(resumed.headers.getSetCookie()).toEqual([])
    for (const mark of ['', 'A'.repeat(43)]) {
      const forged = await fetch(`${system.issuer}/auth/${interactionId}`, {
        ...own,
        headers: { cookie: [...cookies, `sekisho_finished=${mark}`].join('; ') },
      })
      expect(forged.status).toBe(403)
    }
    // with the mark, and only with it, the interaction goes on
    const mark = finished.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
    const rightful = await fetch(`${system.issuer}/auth/${interactionId}`, {
      ...own,
      headers: { cookie: [...cookies, ...mark].join('; ') },
    })
    expect(rightful.headers.get('location')).toMatch(new RegExp(`^${system.demo.urls.shop}/callback\\?code=`))
  })
})

test.each(['complete', 'cancel', ''])('HEAD takes no step at /%s', async (step) => {
  const { page, browser } = await system.beginSignIn()
  const head = await fetch(`${page.url.href}/${step}`.replace(/\/$/, ''), { method: 'HEAD' })
  expect(head.status).toBe(405)
  expect((await browser.open(page.url.href)).status).toBe(200)
})

test('going back without a card is recorded, and the site is told no more than that', async () => {
  const { page, browser } = await system.beginSignIn()
  const seen = await browser.follow(page, `${page.url.pathname}/cancel?refused=SERVER_FAILED`)
  expect(seen.html).toContain('data-oauth-error="access_denied"')
  expect((await system.auditTrail()).at(-1)).toBe('sign_in.refused AGENT_CANCELLED')
})

describe('attack 13: forms of other origins', () => {
  test.each([
    ['none', {}],
    ['another one', { origin: 'https://evil.example' }],
    ['null', { origin: 'null' }],
    ['ours, but cross-site', { 'sec-fetch-site': 'cross-site' }],
  ])('“use my card” with the origin %s opens no ticket', async (_name, headers) => {
    const { interactionId } = await system.beginSignIn()
    const response = await fetch(`${system.issuer}/interaction/${interactionId}/card`, {
      method: 'POST',
      headers: { ...('sec-fetch-site' in headers ? { origin: system.issuer } : {}), ...headers },
      redirect: 'manual',
    })
    expect([response.status, codeOn(await response.text())]).toEqual([403, 'SIGNIN_FORM_FORGED'])
    const { rows } = await system.database.query('SELECT 1 FROM sign_in_tickets WHERE interaction_id = $1', [
      interactionId,
    ])
    expect(rows).toHaveLength(0)
  })
})

describe('completing', () => {
  test.each([
    ['none', ''],
    ['a malformed one', '?code=abc'],
    ['an unknown one', `?code=${'a'.repeat(43)}`],
    ['two', `?code=${'a'.repeat(43)}&code=${'b'.repeat(43)}`],
  ])('with a code that is %s ends on an error page', async (_name, query) => {
    const { browser, page, interactionId } = await system.beginSignIn()
    const seen = await browser.follow(page, `/interaction/${interactionId}/complete${query}`)
    expect([seen.status, codeOn(seen.html)]).toEqual([400, 'SIGNIN_COMPLETION_INVALID'])
  })

  test('attack 13: in a browser with an interaction of its own, the code of another is refused and burnt', async () => {
    const before = await system.leftBehind()
    const attacker = await system.openTicket()
    const message = (await (await fetch(`${system.issuer}/agent/tickets/${attacker.ticket}`)).json()) as {
      nonce: string
      context: string
    }
    const response = await fetch(`${system.issuer}/agent/tickets/${attacker.ticket}/response`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answerByHand(await system.demo.jpki.card('taro'), message, system.issuer)),
    })
    const { completion_uri: address } = (await response.json()) as { completion_uri: string }

    const victim = await system.beginSignIn()
    const seen = await victim.browser.open(address)
    expect([seen.status, codeOn(seen.html)]).toEqual([403, 'SIGNIN_OTHER_BROWSER'])
    const late = await attacker.browser.open(address)
    expect(codeOn(late.html)).toBe('SIGNIN_COMPLETION_INVALID')
    expect(await system.leftBehind()).toEqual(before)
  })

  test('an error page says what to do and quotes an incident number, and nothing else', async () => {
    const seen = await fetch(`${system.issuer}/interaction/nope`, { headers: { 'accept-language': 'ja' } })
    const html = await seen.text()
    expect(html).toMatch(/<code>[0-9A-Z]{4}-[0-9A-Z]{4}<\/code>/)
    expect(html).not.toMatch(/at .*\.ts|node_modules|Error:/)
    expect(html).toContain('lang="ja"')
  })
})

describe('what a person may type into an address', () => {
  test.each([
    '/interaction/%',
    '/interaction/%ff',
    '/interaction//',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
  ])('%s is no page', async (path) => {
    const { host } = new URL(system.issuer)
    const status = await rawGet(host, path)
    expect(status).toBe(404)
  })

  test('a name the site chose is written as text, not as markup', async () => {
    await system.demo.provider.clients.upsert({
      clientId: 'markup',
      clientSecret: 's'.repeat(43),
      displayName: { ja: '<img src=x onerror=alert(1)>', en: '<img src=x onerror=alert(1)>' },
      redirectUris: ['http://localhost:1/cb'],
      postLogoutRedirectUris: [],
    })
    const browser = createScriptedBrowser({ acceptLanguage: 'en' })
    const query = new URLSearchParams({
      client_id: 'markup',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://localhost:1/cb',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    })
    const page = await browser.open(`${system.issuer}/auth?${query.toString()}`)
    expect(page.html).toContain('&lt;img src=x onerror=alert(1)&gt; asks you to sign in')
    expect(page.html).not.toContain('<img src=x')
  })
})

/** An authorization request without a browser: every cookie in hand, as an attacker has his own. */
async function beginByHand() {
  const site = { clientId: 'sample-shop', redirectUri: `${system.demo.urls.shop}/callback` }
  const begun = await beginSignIn(system.issuer, site)
  const ticket = await openTicket(system.issuer, system.issuer, begun)
  return { ticket, interactionId: begun.interactionId, cookies: begun.cookie.split('; ') }
}

test('the whole way, by the scripted browser', async () => {
  const result = await signInOnce({ shopUrl: system.demo.urls.shop, pin: '1234', locale: 'en' })
  expect(result).toMatchObject({ ok: true, claims: { iss: system.issuer, aud: 'sample-shop', acr: 'phrh' } })
})

test('no table holds a serial, a certificate, a PIN or a token that opens something', async () => {
  await signInOnce({ shopUrl: system.demo.urls.shop, pin: '1234', locale: 'en' })
  const card = await system.demo.jpki.card('taro')
  const { X509Certificate } = await import('node:crypto')
  const certificate = new X509Certificate(card.authentication.certificateDer)
  const serial = Buffer.from(certificate.serialNumber, 'hex')
  const commonName = /CN=(.+)/.exec(certificate.subject)?.[1] ?? ''
  expect(commonName.length).toBeGreaterThan(10)

  const { rows: tables } = await system.database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  )
  expect(tables.length).toBeGreaterThan(10)
  let bytes = 0
  for (const { name } of tables) {
    const { rows } = await system.database.query<{ text: string }>(`SELECT t::text AS text FROM "${name}" t`)
    const dump = rows.map(({ text }) => text).join('\n')
    bytes += dump.length
    for (const secret of [
      serial.toString('hex'),
      serial.toString('base64'),
      BigInt(`0x${serial.toString('hex')}`).toString(),
      commonName,
      Buffer.from(card.authentication.certificateDer).toString('base64').slice(100, 160),
    ]) {
      expect(dump.includes(secret), `${name} holds what it must not`).toBe(false)
    }
  }
  expect(bytes).toBeGreaterThan(1000)
})

/** A request line that no client library would send as it stands. */
async function rawGet(host: string, path: string): Promise<number> {
  const { request } = await import('node:http')
  const [hostname = '', port = ''] = host.split(':')
  return new Promise((resolve, reject) => {
    const req = request(
      { host: hostname === 'localhost' ? '127.0.0.1' : hostname, port, path, headers: { host } },
      (res) => {
        res.resume()
        resolve(res.statusCode ?? 0)
      },
    )
    req.on('error', reject)
    req.end()
  })
}
