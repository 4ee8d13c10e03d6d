import { AGENT_FAILURE_CODES } from '@sekisho/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answerByHand, startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let before: Awaited<ReturnType<WholeSystem['leftBehind']>>

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true })
})
afterAll(() => system.close())
beforeEach(async () => {
  before = await system.leftBehind()
})

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly length: number
  readonly headers: Headers
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${system.issuer}${path}`, { redirect: 'manual', ...init })
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    length: text.length,
    headers: response.headers,
  }
}

const claim = (ticket: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call(`/agent/tickets/${ticket}`, { headers })

const answer = (ticket: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  call(`/agent/tickets/${ticket}/response`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })

const refusedWith = (status: number, error: string): unknown =>
  expect.objectContaining({ status, body: { error }, length: 64 })

/** A claimed ticket, with what it says. */
async function claimed() {
  const { ticket, browser, page } = await system.openTicket()
  const { body, status } = await claim(ticket)
  expect(status).toBe(200)
  return { ticket, browser, page, message: body as { nonce: string; context: string } }
}

/** The agent's API answered with a completion; the browser goes there. @returns the code on the page it ends at */
async function landWith(user: Awaited<ReturnType<typeof claimed>>, body: unknown): Promise<string | undefined> {
  const { status, body: completion } = await answer(user.ticket, body)
  expect(status).toBe(200)
  const page = await user.browser.follow(user.page, String(completion['completion_uri']))
  return /data-error-code="(\w+)"/.exec(page.html)?.[1]
}

describe('fetching a ticket', () => {
  test.each([
    ['too short', 'abc', 400, 'SIGNIN_TICKET_MALFORMED'],
    ['too long', 'a'.repeat(44), 400, 'SIGNIN_TICKET_MALFORMED'],
    ['with a path in it', `..%2f..%2f${'a'.repeat(40)}`, 400, 'SIGNIN_TICKET_MALFORMED'],
    ['with a byte that is no text', `%ff${'a'.repeat(42)}`, 404, 'SERVER_PAGE_NOT_FOUND'],
    ['unknown', 'a'.repeat(43), 404, 'SIGNIN_TICKET_NOT_FOUND'],
  ])('a ticket %s is refused', async (_name, ticket, status, code) => {
    expect(await claim(ticket)).toEqual(refusedWith(status, code))
  })

  test('an agent gets it once', async () => {
    const { ticket } = await claimed()
    expect(await claim(ticket)).toEqual(refusedWith(409, 'SIGNIN_TICKET_CLAIMED'))
  })

  test('HEAD does not claim it', async () => {
    const { ticket } = await system.openTicket()
    const head = await call(`/agent/tickets/${ticket}`, { method: 'HEAD' })
    expect(head.status).toBe(405)
    expect((await claim(ticket)).status).toBe(200)
  })

  test.each([{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])(
    'attack 22: a browser (%j) does not get it, and does not use it up',
    async (headers) => {
      const { ticket } = await system.openTicket()
      expect(await claim(ticket, headers)).toEqual(refusedWith(403, 'SIGNIN_FORM_FORGED'))
      expect((await claim(ticket)).status).toBe(200)
    },
  )

  test('it is never cached and says nothing of the interaction', async () => {
    const { ticket, page } = await system.openTicket()
    const { headers, body } = await claim(ticket)
    expect(headers.get('cache-control')).toBe('no-store')
    const interactionId = page.url.pathname.split('/')[2]
    expect(interactionId).toMatch(/^[\w-]{10,}$/)
    expect(JSON.stringify(body)).not.toContain(interactionId)
    expect(body).toMatchObject({
      format: 'sekisho:1',
      relying_party: { name: 'Sample shop', origin: system.demo.urls.shop },
    })
  })
})

describe('answers that are not even judged', () => {
  test.each([
    ['one byte too many', 413, 'SIGNIN_RESPONSE_TOO_LARGE', ' '.repeat(16 * 1024 + 1), {}],
    ['form encoding', 415, 'SIGNIN_RESPONSE_NOT_JSON', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['another charset', 415, 'SIGNIN_RESPONSE_NOT_JSON', '{}', { 'content-type': 'application/json; charset=utf-16' }],
    ['a compressed body', 415, 'SIGNIN_RESPONSE_NOT_JSON', '{}', { 'content-encoding': 'gzip' }],
    ['a browser', 403, 'SIGNIN_FORM_FORGED', '{}', { origin: 'https://evil.example' }],
  ] as const)('%s is refused with %i %s', async (_name, status, code, body, headers) => {
    const { ticket } = await claimed()
    expect(await answer(ticket, body, headers)).toEqual(refusedWith(status, code))
    expect(await system.leftBehind()).toEqual(before)
  })

  test.each([
    ['a truncated body', '{"format":"sekisho:1","certificate":"AA'],
    ['no body', ''],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['null', 'null'],
    ['an unknown field', { format: 'sekisho:1', error: 'PIN_BLOCKED', serial: '1' }],
    ['a code no agent has', { format: 'sekisho:1', error: 'LINK_ACCOUNT_CLOSED' }],
    ['a deep nest', `${'['.repeat(7000)}${']'.repeat(7000)}`],
  ])('%s uses the nonce up', async (_name, body) => {
    const { ticket, message } = await claimed()
    expect(await answer(ticket, body)).toEqual(refusedWith(400, 'SIGNIN_RESPONSE_MALFORMED'))
    const good = answerByHand(await system.demo.jpki.card('taro'), message, system.issuer)
    expect(await answer(ticket, good)).toEqual(refusedWith(409, 'SIGNIN_TICKET_USED'))
    expect(await system.leftBehind()).toEqual(before)
  })

  test('a ticket that no agent fetched cannot be answered', async () => {
    const { ticket } = await system.openTicket()
    expect(await answer(ticket, {})).toEqual(refusedWith(404, 'SIGNIN_TICKET_NOT_FOUND'))
  })

  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s is not how one answers', async (method) => {
    const { ticket } = await claimed()
    expect(await call(`/agent/tickets/${ticket}/response`, { method })).toEqual(
      refusedWith(405, 'SERVER_METHOD_NOT_ALLOWED'),
    )
  })
})

describe('answers that are judged', () => {
  test('attack 22: a signature over another origin is refused', async () => {
    const user = await claimed()
    const body = answerByHand(await system.demo.jpki.card('taro'), user.message, 'https://evil.example')
    expect(await landWith(user, body)).toBe('CERT_TRANSCRIPT_MISMATCH')
    expect(await system.leftBehind()).toEqual(before)
  })

  test('attack 20: a signature for another ticket is refused', async () => {
    const [user, other] = [await claimed(), await claimed()]
    const body = answerByHand(await system.demo.jpki.card('taro'), other.message, system.issuer)
    expect(await landWith(user, body)).toBe('CERT_TRANSCRIPT_MISMATCH')
    expect(await system.leftBehind()).toEqual(before)
  })

  test('attack 20: the nonce of one ticket with the context of another is refused', async () => {
    const [user, other] = [await claimed(), await claimed()]
    const mixed = { nonce: user.message.nonce, context: other.message.context }
    const body = answerByHand(await system.demo.jpki.card('taro'), mixed, system.issuer)
    expect(await landWith(user, body)).toBe('CERT_TRANSCRIPT_MISMATCH')
  })

  test('attack 26: the certificate of one card with a signature by another is refused', async () => {
    const user = await claimed()
    const hanako = await system.demo.jpki.card('hanako')
    const body = answerByHand(
      await system.demo.jpki.card('taro'),
      user.message,
      system.issuer,
      hanako.authentication.privateKey,
    )
    expect(await landWith(user, body)).toBe('CERT_TRANSCRIPT_MISMATCH')
    expect(await system.leftBehind()).toEqual(before)
  })

  test('an algorithm that is not the key’s is refused', async () => {
    const user = await claimed()
    const body = answerByHand(await system.demo.jpki.card('taro'), user.message, system.issuer)
    expect(await landWith(user, { ...body, algorithm: 'ES384' })).toMatch(/^CERT_/)
    expect(await system.leftBehind()).toEqual(before)
  })

  test.each([
    ['expired', 'CERT_EXPIRED'],
    ['not-yet-valid', 'CERT_NOT_YET_VALID'],
    ['revoked', 'CERT_REVOKED'],
    ['unknown-ca', 'CERT_UNTRUSTED_ISSUER'],
    ['signing-certificate', 'CERT_WRONG_PURPOSE'],
  ])('the card “%s” is refused with %s, is recorded, and leaves nothing behind', async (persona, code) => {
    const user = await claimed()
    const body = answerByHand(await system.demo.jpki.card(persona), user.message, system.issuer)
    expect(await landWith(user, body)).toBe(code)
    expect(await system.leftBehind()).toEqual(before)
    expect((await system.auditTrail()).at(-1)).toBe(`sign_in.refused ${code}`)
  })

  test('attack 32: revoked between the ticket and the answer is refused', async () => {
    const user = await claimed()
    const card = await system.demo.jpki.card('hanako')
    const body = answerByHand(card, user.message, system.issuer)
    system.demo.jpki.revoke({ persona: 'hanako' })
    expect(await landWith(user, body)).toBe('CERT_REVOKED')
  })

  test.each(AGENT_FAILURE_CODES.filter((code) => code !== 'AGENT_CANCELLED'))(
    'the agent’s %s reaches the person',
    async (code) => {
      const user = await claimed()
      expect(await landWith(user, { format: 'sekisho:1', error: code })).toBe(code)
      expect(await system.leftBehind()).toEqual(before)
    },
  )

  test('a good card signs in: one account, one session, one grant', async () => {
    const user = await claimed()
    const body = answerByHand(await system.demo.jpki.card('taro'), user.message, system.issuer)
    expect(await landWith(user, body)).toBeUndefined()
    const after = await system.leftBehind()
    expect(after).toMatchObject({ accounts: 1, credentials: 1, Session: 1, Grant: 1, AccessToken: 1 })
    expect((await system.auditTrail()).slice(-3)).toEqual([
      'account.created',
      'credential.first_seen',
      'sign_in.succeeded',
    ])
  })
})

describe('attack 19: replay', () => {
  test('the same answer, 50 times at once, is judged once', async () => {
    const { ticket, message } = await claimed()
    const body = answerByHand(await system.demo.jpki.card('taro'), message, system.issuer)
    const answers = await Promise.all(Array.from({ length: 50 }, () => answer(ticket, body)))
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter(({ body: { error } }) => error === 'SIGNIN_TICKET_USED')).toHaveLength(49)
  })

  test('a completion code, 50 times at once, ends one sign-in', async () => {
    const user = await claimed()
    const body = answerByHand(await system.demo.jpki.card('taro'), user.message, system.issuer)
    const { body: completion } = await answer(user.ticket, body)
    const address = String(completion['completion_uri'])
    const pages = await Promise.all(
      Array.from({ length: 50 }, () =>
        user.browser.follow(user.page, address).catch((fault: unknown) => String(fault)),
      ),
    )
    const texts = pages.map((page) => (typeof page === 'string' ? page : page.html))
    expect(texts.filter((html) => html.includes('id="claims"'))).toHaveLength(1)
    expect(texts.filter((html) => html.includes('SIGNIN_COMPLETION_INVALID'))).toHaveLength(49)
  })
})
