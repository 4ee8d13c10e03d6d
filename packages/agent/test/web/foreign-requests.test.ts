import { connect } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AgentRefusal } from '../../src/ceremony/agent-refusal.ts'
import { ask, submit, type Answer } from '../support/browse.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'
import { startStage, type Stage } from '../support/start-agent.ts'

let issued: IssuedCard
let stage: Stage
let ticketId: string

beforeAll(async () => {
  issued = await issueCard()
})
beforeEach(async () => {
  stage = await startStage({ issued })
  ticketId = stage.provider.issueTicket()
})
afterEach(async () => {
  await stage.close()
})

const address = () => `${stage.url}/sign-in?provider=${new URL(stage.provider.origin).host}&ticket=${ticketId}`
const port = () => new URL(stage.url).port

/** Nothing was signed, nothing told to the provider, no try spent. */
function expectUntouched(): void {
  expect(stage.provider.results()).toEqual([])
  expect(stage.card.triesLeft('authentication')).toBe(3)
  expect(stage.card.log.filter(({ name, command }) => name === 'SIGN' || command.endsWith('****'))).toEqual([])
}

/** No header that would let another origin read an answer. */
function expectNoCors({ headers }: Answer): void {
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
}

describe('attack 23: DNS rebinding', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    'localhost:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1:PORT.evil.example',
    '127.0.0.2:PORT',
    '0.0.0.0:PORT',
    '[::]:PORT',
  ])('Host %j: refused before anything else', async (host) => {
    const answer = await ask(address(), { headers: { host: host.replace('PORT', port()) } })
    expect(answer).toMatchObject({ status: 403, code: 'REQUEST_FOREIGN' })
    expect(stage.provider.seen).toEqual([])
  })

  test.each([
    ['two Host headers', ['Host: 127.0.0.1:PORT', 'Host: evil.example']],
    ['twice the same Host', ['Host: 127.0.0.1:PORT', 'Host: 127.0.0.1:PORT']],
    ['no Host header', []],
    ['an empty Host header', ['Host: ']],
  ])('%s: refused', async (_what, hosts) => {
    const lines = ['GET / HTTP/1.1', ...hosts.map((line) => line.replace('PORT', port())), 'Connection: close', '', '']
    expect(await raw(lines.join('\r\n'))).toMatch(/^HTTP\/1\.1 (400|403)/)
  })

  test('both loopback addresses are served under their own name', async () => {
    for (const host of ['127.0.0.1', '[::1]']) expect((await ask(`http://${host}:${port()}/`)).page).toBe('home')
  })
})

describe('attack 22, 23: requests that no page of ours makes', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['no Origin', { origin: undefined }],
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['the provider’s Origin', { origin: 'PROVIDER' }],
    ['Origin null', { origin: 'null' }],
    ['our address with another port', { origin: 'http://127.0.0.1:1' }],
    ['our address under another name', { origin: 'http://localhost:PORT' }],
    ['our address with https', { origin: 'https://127.0.0.1:PORT' }],
    ['our address in longer clothes', { origin: 'http://127.0.0.1:PORT.evil.example' }],
    ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site same-site', { 'sec-fetch-site': 'same-site' }],
    ['Sec-Fetch-Site none', { 'sec-fetch-site': 'none' }],
    ['JSON', { 'content-type': 'application/json' }],
    ['plain text', { 'content-type': 'text/plain' }],
  ])('a PIN with %s: refused', async (_what, changes) => {
    const page = await stage.open(ticketId)
    const headers: Record<string, string> = { origin: stage.url, 'content-type': 'application/x-www-form-urlencoded' }
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) Reflect.deleteProperty(headers, name)
      else headers[name] = value.replace('PORT', port()).replace('PROVIDER', stage.provider.origin)
    }
    const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    for (const action of ['pin', 'confirm', 'leave', 'replace']) {
      const body = new URLSearchParams({ token, form, pin: '1234' }).toString()
      const answer = await ask(`${stage.url}/sign-in/${action}`, { method: 'POST', headers, body })
      expect([400, 403]).toContain(answer.status)
      expectNoCors(answer)
    }
    expectUntouched()
  })

  test.each(['', 'A'.repeat(43), 'undefined'])('a PIN with the token %j: refused', async (token) => {
    const page = await stage.open(ticketId)
    const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const answer = await ask(`${stage.url}/sign-in/pin`, {
      method: 'POST',
      headers: { origin: stage.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token, form, pin: '1234' }).toString(),
    })
    expect(answer).toMatchObject({ status: 403, code: 'REQUEST_FOREIGN' })
    expectUntouched()
  })

  test('the token of the "other sign-in" page cannot be used for a PIN', async () => {
    await stage.open(ticketId)
    const busy = await stage.open(stage.provider.issueTicket())
    const token = /name="token" value="([^"]+)"/.exec(busy.text)?.[1] ?? ''
    expect(token).toMatch(/^[\w-]{43}$/)
    const answer = await ask(`${stage.url}/sign-in/pin`, {
      method: 'POST',
      headers: { origin: stage.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token, form: 'x', pin: '1234' }).toString(),
    })
    expect(answer.status).toBe(403)
    expectUntouched()
  })

  test.each(['OPTIONS', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE'])(
    '%s is no method here, and uses up no ticket',
    async (method) => {
      const headers = {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-private-network': 'true',
        'access-control-request-local-network': 'true',
      }
      for (const url of [address(), `${stage.url}/sign-in/pin`, `${stage.url}/assets/agent.css`]) {
        const answer = await ask(url, { method, headers })
        expect(answer.status).toBe(405)
        expectNoCors(answer)
      }
      expect(stage.provider.seen).toEqual([])
    },
  )

  test.each<[string, Record<string, string>]>([
    ['fetched by a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['fetched without CORS', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
    ['fetched by a script that hides what for', { 'sec-fetch-mode': 'cors' }],
    ['loaded as a script', { 'sec-fetch-dest': 'script' }],
    ['loaded as an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['framed', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['embedded', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object' }],
    ['prefetched, and nothing else told', { 'sec-purpose': 'prefetch' }],
    ['prefetched', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch;prerender' }],
  ])('the page, %s: refused, and the ticket is not used up', async (_what, headers) => {
    expect(await ask(address(), { headers })).toMatchObject({ status: 403, code: 'REQUEST_FOREIGN' })
    expect(stage.provider.seen).toEqual([])
  })

  test('the page, opened by a link on another site as a person would: served', async () => {
    const headers = {
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-user': '?1',
    }
    expect((await ask(address(), { headers })).page).toBe('pin')
  })
})

describe('attack 23: another user of this computer', () => {
  test.each([
    ['another user', () => 1001],
    ['nobody the system knows', () => 'nobody' as const],
  ])('%s: refused before anything else', async (_who, peerUser) => {
    const { checkPeerUser } = await import('../../src/web/check-peer-user.ts')
    const guarded = await startStage({
      issued,
      checkPeer: checkPeerUser({ peerUser: () => Promise.resolve(peerUser()), ownUser: 1000 }),
    })
    try {
      expect(await guarded.open(guarded.provider.issueTicket())).toMatchObject({ status: 403, code: 'REQUEST_FOREIGN' })
      expect(guarded.provider.seen).toEqual([])
    } finally {
      await guarded.close()
    }
  })

  test('where the system does not tell, the token is what is left', async () => {
    const { checkPeerUser } = await import('../../src/web/check-peer-user.ts')
    const guarded = await startStage({
      issued,
      checkPeer: checkPeerUser({ peerUser: () => Promise.resolve(undefined), ownUser: 1000 }),
    })
    try {
      expect((await guarded.open(guarded.provider.issueTicket())).page).toBe('pin')
    } finally {
      await guarded.close()
    }
  })
})

describe('what every answer carries', () => {
  test.each(['/', '/sign-in', '/nothing', '/assets/agent.css', '/sign-in/pin'])('%s', async (path) => {
    const { headers } = await ask(`${stage.url}${path}`)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['referrer-policy']).toBe('same-origin')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['set-cookie']).toBeUndefined()
    const policy = String(headers['content-security-policy']).split(';').toSorted()
    expect(policy).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ])
  })

  test('pages hold no inline script, no inline style, nothing from elsewhere', async () => {
    const { text } = await stage.open(ticketId)
    expect(text).not.toMatch(/<script(?![^>]* src="\/assets\/)/)
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=/)
    expect(
      [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url).filter((url) => !url?.startsWith('/')),
    ).toEqual([])
  })

  test('what a site calls itself is text, never markup', async () => {
    const name = '<img src=x onerror=alert(1)>"\'&'
    const page = await stage.open(
      stage.provider.issueTicket({ relying_party: { name, origin: 'https://shop.example' } }),
    )
    expect(page.text).not.toContain('<img src=x')
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })
})

describe('attack 18: bounded requests', () => {
  test('a form of more than 2 KiB: refused', async () => {
    const page = await stage.open(ticketId)
    const answer = await submit(page, stage.url, 'pin-form', { pin: '1234', more: 'x'.repeat(3000) })
    expect(answer).toMatchObject({ status: 400, code: 'BODY_INVALID' })
    expectUntouched()
  })

  test('a header of 1 MB: refused, and others are served', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431|^$/)
    expect((await ask(`${stage.url}/`)).page).toBe('home')
  })

  test.each(['token', 'form'])('the field %s twice: refused', async (field) => {
    const page = await stage.open(ticketId)
    expect(await submit(page, stage.url, 'pin-form', { pin: '1234', [field]: 'again' })).toMatchObject({ status: 400 })
    expectUntouched()
  })

  test.each(['%', '%zz', '%00', '/../package.json', '/assets/../package.json', '/assets/%2e%2e/package.json'])(
    'the path %s: no file, no fault',
    async (path) => {
      const answer = await raw(
        `GET ${path.startsWith('/') ? path : `/${path}`} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/)
      expect(answer).not.toContain('dependencies')
    },
  )
})

test('a refusal is an error of its own kind', () => {
  expect(new AgentRefusal('REQUEST_FOREIGN', 'host').message).toBe('REQUEST_FOREIGN: host')
})

/** Bytes as they are, which no HTTP client would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port()), '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => chunks.push(chunk))
    // The server hangs up on what it will not read to the end.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('latin1'))
    })
  })
}
