import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { beginSignIn } from '../support/hand-ceremony.ts'
import { answerByHand, startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

/**
 * What the requests of a log-in are answered with, to the header: recorded when they passed through express, and the same since they do
 * not (docs/adr/0025). A header that is new, lost or changed shows here.
 */
let system: WholeSystem

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true })
})
afterAll(() => system.close())

interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Body in one chunk of no announced length. */
  readonly chunked?: boolean
}

/** Status and headers as lines, sorted, without what differs from request to request. */
async function ask({ method = 'GET', path, headers = {}, body, chunked = false }: Ask): Promise<readonly string[]> {
  const { hostname: host, port } = new URL(system.issuer)
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
  const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const req = request({ host, port, method, path, agent: false, headers: { ...length, ...headers } }, (res) => {
    text(res).then((said) => {
      const { rawHeaders } = res
      const lines = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[at + 1] ?? ''}`] : [],
      )
      const lasting = lines.filter((line) => !/^(?:date|x-request-id|connection|keep-alive):/.test(line))
      resolve([
        String(res.statusCode),
        ...inShort(lasting.map((line) => withLength(masked(line), said, method)).sort()),
        ...told(said),
      ])
    }, reject)
  })
  req.on('error', reject)
  req.end(body)
  return promise
}

/** What every one of our answers says. */
const ALWAYS = [
  'cross-origin-opener-policy: same-origin',
  'cross-origin-resource-policy: same-origin',
  'origin-agent-cluster: ?1',
  'referrer-policy: same-origin',
  'x-content-type-options: nosniff',
  'x-dns-prefetch-control: off',
  'x-download-options: noopen',
  'x-frame-options: DENY',
  'x-permitted-cross-domain-policies: none',
  'x-xss-protection: 0',
]
const POLICY =
  "content-security-policy: default-src 'none';style-src 'self';script-src 'self';img-src 'self';form-action 'self' http://AGENT;base-uri 'none';frame-ancestors 'none'"

function inShort(lines: readonly string[]): readonly string[] {
  const isWhole = ALWAYS.every((line) => lines.includes(line))
  const rest = isWhole ? lines.filter((line) => !ALWAYS.includes(line)) : lines
  return rest.map((line) => line.replace(POLICY, 'the policy and headers of every page'))
}

/** Addresses and ids are other ones each time. */
function masked(line: string): string {
  return line
    .replaceAll(system.issuer, 'ISSUER')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'AGENT')
    .replaceAll(/localhost(:|%3A)\d+/g, 'HOST')
    .replaceAll(encodeURIComponent(system.issuer.replace('http://', '')), 'PROVIDER')
    .replaceAll(/[\w-]{21,}/g, (id) => (/^(?:[a-z-]+|[A-Z_]+)$/.test(id) ? id : '*'))
    .replace(/expires=[^;]+/i, 'expires=*')
}

function withLength(line: string, said: string, method: string): string {
  if (method === 'HEAD') return line.replace(/^(content-length): \d+$/, '$1: of the page')
  return line === `content-length: ${Buffer.byteLength(said)}` ? 'content-length: of the body' : line
}

/** Of a page its language and code; anything else whole. */
function told(said: string): readonly string[] {
  if (!said.startsWith('<!doctype html>')) return [masked(said.trimEnd())]
  return [`page in ${/<html lang="(\w+)"/.exec(said)?.[1]}: ${/data-error-code="(\w+)"/.exec(said)?.[1] ?? 'no error'}`]
}

const ORIGIN = { accept: '*/*' }
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-language': 'en' }
const id = 'i'.repeat(43)

describe('pages', () => {
  let cookie = ''
  let page = ''

  beforeAll(async () => {
    const site = { clientId: 'sample-shop', redirectUri: `${system.demo.urls.shop}/callback` }
    const begun = await beginSignIn(system.issuer, site)
    cookie = begun.cookie
    page = `/interaction/${begun.interactionId}`
  })

  test.each<readonly [string, Omit<Ask, 'path'> & { readonly path?: string; readonly stranger?: boolean }]>([
    ['the sign-in page', { headers: HTML }],
    ['in Japanese', { path: '?lang=ja&x=1', headers: HTML }],
    ['after a refusal', { path: '?refused=CERT_EXPIRED', headers: HTML }],
    ['without a cookie', { headers: HTML, stranger: true }],
    ['HEAD', { method: 'HEAD', headers: HTML }],
    ['OPTIONS', { method: 'OPTIONS' }],
    ['DELETE', { method: 'DELETE', headers: HTML }],
    ['POST', { method: 'POST', headers: HTML, body: '' }],
    ['with a slash', { path: '/', headers: HTML }],
    ['unknown below', { path: '/nothing', headers: HTML }],
    ['twice below', { path: '/card/card', headers: HTML }],
    ['“use my card”', { method: 'POST', path: '/card', headers: { origin: 'ISSUER' }, body: '' }],
    [
      '“use my card”, a browser',
      { method: 'POST', path: '/card?lang=ja', headers: { origin: 'ISSUER', ...HTML }, body: '' },
    ],
    [
      '“use my card”, only images',
      { method: 'POST', path: '/card', headers: { origin: 'ISSUER', accept: 'image/png' }, body: '' },
    ],
    [
      '“use my card”, text before HTML',
      { method: 'POST', path: '/card', headers: { origin: 'ISSUER', accept: 'text/html;q=0.5,text/plain' }, body: '' },
    ],
    [
      '“use my card” of elsewhere',
      { method: 'POST', path: '/card', headers: { origin: 'https://evil.example', ...HTML }, body: '' },
    ],
    ['“use my card” by GET', { path: '/card', headers: HTML }],
    ['“use my card” OPTIONS', { method: 'OPTIONS', path: '/card' }],
    ['completion without a code', { path: '/complete', headers: HTML }],
    ['completion with another’s code', { path: `/complete?code=${id}`, headers: HTML }],
    ['completion HEAD', { method: 'HEAD', path: `/complete?code=${id}` }],
    ['choice', { path: '/choice?choice=x&medium=phone', headers: HTML }],
    ['choice OPTIONS', { method: 'OPTIONS', path: '/choice' }],
    [
      'choice posted without a tick',
      {
        method: 'POST',
        path: '/choice',
        headers: { origin: 'ISSUER', 'content-type': 'application/x-www-form-urlencoded', ...HTML },
        body: 'choice=x',
      },
    ],
    [
      'choice posted, too large',
      {
        method: 'POST',
        path: '/choice',
        headers: { origin: 'ISSUER', 'content-type': 'application/x-www-form-urlencoded', ...HTML },
        body: `choice=${'x'.repeat(3000)}`,
      },
    ],
    [
      'choice posted, too large, in chunks',
      {
        method: 'POST',
        path: '/choice',
        headers: { origin: 'ISSUER', 'content-type': 'application/x-www-form-urlencoded', ...HTML },
        body: `choice=${'x'.repeat(3000)}`,
        chunked: true,
      },
    ],
    [
      'choice posted, too many fields',
      {
        method: 'POST',
        path: '/choice',
        headers: { origin: 'ISSUER', 'content-type': 'application/x-www-form-urlencoded', ...HTML },
        body: 'a=b&'.repeat(20),
      },
    ],
    [
      'choice posted, in letters that nobody reads',
      {
        method: 'POST',
        path: '/choice',
        headers: { origin: 'ISSUER', 'content-type': 'application/x-www-form-urlencoded; charset=utf-7', ...HTML },
        body: 'choice=x',
      },
    ],
    [
      'choice posted, compressed but not so',
      {
        method: 'POST',
        path: '/choice',
        headers: {
          origin: 'ISSUER',
          'content-type': 'application/x-www-form-urlencoded',
          'content-encoding': 'gzip',
          ...HTML,
        },
        body: 'choice=x',
      },
    ],
    [
      'choice posted with another’s token',
      {
        method: 'POST',
        path: '/choice',
        headers: { origin: 'ISSUER', 'content-type': 'application/x-www-form-urlencoded', ...HTML },
        body: 'choice=x&understood=yes',
      },
    ],
    [
      'consent where none is asked',
      { method: 'POST', path: '/consent', headers: { origin: 'ISSUER', ...HTML }, body: '' },
    ],
    ['consent OPTIONS', { method: 'OPTIONS', path: '/consent' }],
    ['notice', { path: '/notice', headers: HTML }],
    ['notice read', { path: '/notice/read', headers: HTML }],
    ['cancel', { path: '/cancel?refused=SERVER_FAILED', headers: HTML }],
    ['cancel twice', { path: '/cancel', headers: HTML }],
  ])('%s', async (_what, { path = '', headers = {}, stranger = false, ...more }) => {
    const own = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('ISSUER', system.issuer)]),
    )
    const answer = await ask({ ...more, path: `${page}${path}`, headers: { ...own, ...(stranger ? {} : { cookie }) } })
    expect(answer).toMatchSnapshot()
  })

  test.each([
    ['no interaction', '/interaction'],
    ['no interaction, slash', '/interaction/'],
    ['an id that is no text', '/interaction/%ff'],
    ['an id that is no text, below', '/interaction/%ff/cancel'],
    ['an unknown id', `/interaction/${id}`],
    ['two slashes', `//interaction/${id}`],
    ['other letters', `/Interaction/${id}`],
    ['as a proxy asks', `http://other.example/interaction/${id}/card`],
    ['as a proxy asks, page', `http://other.example/interaction/${id}`],
  ])('%s', async (_what, path) => {
    expect(await ask({ path, headers: HTML })).toMatchSnapshot()
  })

  test('an unknown id by HEAD', async () => {
    expect(await ask({ method: 'HEAD', path: '/interaction' })).toMatchSnapshot()
  })
})

describe('the agent’s API', () => {
  const JSON_BODY = { 'content-type': 'application/json' }
  test.each<readonly [string, Ask]>([
    ['a ticket that nobody has', { path: `/agent/tickets/${id}` }],
    ['a malformed ticket', { path: '/agent/tickets/abc' }],
    ['a ticket that is no text', { path: '/agent/tickets/%ff' }],
    ['a ticket with a slash behind', { path: `/agent/tickets/${id}/` }],
    ['a ticket of nothing', { path: '/agent/tickets/' }],
    ['tickets', { path: '/agent/tickets' }],
    ['a browser', { path: `/agent/tickets/${id}`, headers: { origin: 'https://evil.example' } }],
    ['a browser that fetches', { path: `/agent/tickets/${id}`, headers: { 'sec-fetch-site': 'none' } }],
    ['HEAD', { method: 'HEAD', path: `/agent/tickets/${id}` }],
    ['PUT', { method: 'PUT', path: `/agent/tickets/${id}` }],
    ['OPTIONS', { method: 'OPTIONS', path: `/agent/tickets/${id}` }],
    ['GET of a response', { path: `/agent/tickets/${id}/response` }],
    ['HEAD of a response', { method: 'HEAD', path: `/agent/tickets/${id}/response` }],
    ['OPTIONS of nothing', { method: 'OPTIONS', path: '/agent/nothing' }],
    ['nothing', { path: '/agent/nothing' }],
    ['nothing, deep', { path: `/agent/tickets/${id}/response/more` }],
    ['the agent’s page, posted to', { method: 'POST', path: '/agent', body: '' }],
    ['other letters', { path: `/agent/Tickets/${id}` }],
    ['as a proxy asks', { path: `http://other.example/agent/tickets/${id}` }],
    ['a response without a body', { method: 'POST', path: `/agent/tickets/${id}/response`, headers: JSON_BODY }],
    [
      'a response to nobody’s ticket',
      { method: 'POST', path: `/agent/tickets/${id}/response`, headers: JSON_BODY, body: '{}' },
    ],
    [
      'a form',
      { method: 'POST', path: `/agent/tickets/${id}/response`, headers: { 'content-type': 'text/plain' }, body: '{}' },
    ],
    ['no type', { method: 'POST', path: `/agent/tickets/${id}/response`, body: '{}' }],
    [
      'compressed',
      {
        method: 'POST',
        path: `/agent/tickets/${id}/response`,
        headers: { ...JSON_BODY, 'content-encoding': 'gzip' },
        body: '{}',
      },
    ],
    [
      'compressed in no way',
      {
        method: 'POST',
        path: `/agent/tickets/${id}/response`,
        headers: { ...JSON_BODY, 'content-encoding': '' },
        body: '{}',
      },
    ],
    [
      'not compressed',
      {
        method: 'POST',
        path: `/agent/tickets/${id}/response`,
        headers: { ...JSON_BODY, 'content-encoding': 'Identity' },
        body: '{}',
      },
    ],
    [
      'too large',
      { method: 'POST', path: `/agent/tickets/${id}/response`, headers: JSON_BODY, body: ' '.repeat(16 * 1024 + 1) },
    ],
    [
      'too large, in chunks',
      {
        method: 'POST',
        path: `/agent/tickets/${id}/response`,
        headers: JSON_BODY,
        body: ' '.repeat(40 * 1024),
        chunked: true,
      },
    ],
    [
      'just as large, in chunks',
      {
        method: 'POST',
        path: `/agent/tickets/${id}/response`,
        headers: JSON_BODY,
        body: ' '.repeat(16 * 1024),
        chunked: true,
      },
    ],
    [
      'a ticket that is no text, answered',
      { method: 'POST', path: '/agent/tickets/%ff/response', headers: JSON_BODY, body: '{}' },
    ],
  ])('%s', async (_what, asked) => {
    expect(await ask({ ...asked, headers: { ...ORIGIN, ...asked.headers } })).toMatchSnapshot()
  })
})

test('a whole log-in', async () => {
  const { ticket, browser, page } = await system.openTicket()
  const path = `/agent/tickets/${ticket}`
  const claim = await ask({ path })
  expect(claim.map((line) => line.replace(/\{.*"nonce".*\}/, 'the ticket'))).toMatchSnapshot()
  const second = await system.openTicket()
  const message = (await (await fetch(`${system.issuer}/agent/tickets/${second.ticket}`)).json()) as {
    readonly nonce: string
    readonly context: string
  }
  const body = JSON.stringify(answerByHand(await system.demo.jpki.card('taro'), message, system.issuer))
  const headers = { 'content-type': 'application/json; charset=UTF-8' }
  expect(
    await ask({ method: 'POST', path: `/agent/tickets/${second.ticket}/response`, headers, body }),
  ).toMatchSnapshot()
  // the first was never answered: its browser still is where it was
  expect((await browser.open(page.url.href)).status).toBe(200)
})
