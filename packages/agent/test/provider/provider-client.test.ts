import { createServer } from 'node:https'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FORMAT, failedResponseSchema } from '@sekisho/protocol'
import { createProviderClient, type ProviderClient } from '../../src/provider/create-provider-client.ts'
import { ProviderFailure } from '../../src/provider/provider-failure.ts'
import { sendJson, startFakeProvider, type FakeProvider } from '../support/fake-provider.ts'
import { issueCard } from '../support/issue-card.ts'

let provider: FakeProvider
let client: ProviderClient
/** The agent's clock, which may be wrong. */
let clock: Date

beforeEach(async () => {
  clock = new Date()
  provider = await startFakeProvider()
  client = createProviderClient({
    now: () => clock,
    agent: { name: 'sekisho-agent', version: '0.1.0' },
    deadlineMs: 400,
  })
})
afterEach(async () => {
  await client.close()
  await provider.close()
})

async function failureOf(work: Promise<unknown>): Promise<ProviderFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (error instanceof ProviderFailure) return error
  throw new Error(`no failure: ${String(error)}`)
}

const fetchWith = (overrides: Record<string, unknown>) =>
  client.fetchTicket(provider.origin, provider.issueTicket(overrides))
const answerWith = (answer: (response: ServerResponse) => void) => {
  provider.misbehave((_request, response) => {
    answer(response)
    return true
  })
}

describe('a ticket that is not protocol is refused', () => {
  test.each<[string, Record<string, unknown>]>([
    ['another format', { format: 'sekisho:2' }],
    ['no format', { format: undefined }],
    ['a short nonce', { nonce: 'short' }],
    ['a nonce with other characters', { nonce: `${'n'.repeat(42)}=` }],
    ['no nonce', { nonce: undefined }],
    ['a context that is no text', { context: { client_id: 'shop' } }],
    ['a context too long', { context: 'x'.repeat(2049) }],
    ['an additional field', { digest: 'ab'.repeat(32) }],
    ['attack 24: bytes to sign', { to_be_signed: '3031' }],
    ['a site with no name', { relying_party: { name: '', origin: 'https://shop.example' } }],
    [
      'a site whose name turns the text round',
      { relying_party: { name: 'shop\u202e', origin: 'https://shop.example' } },
    ],
    ['a site whose name has two lines', { relying_party: { name: 'shop\nyour bank', origin: 'https://shop.example' } }],
    ['a site with a path', { relying_party: { name: 'shop', origin: 'https://shop.example/login' } }],
    ['a site with user information', { relying_party: { name: 'shop', origin: 'https://bank.example@shop.example' } }],
    ['a site in look-alike letters', { relying_party: { name: 'shop', origin: 'https://ѕһор.example' } }],
    ['a site in capitals', { relying_party: { name: 'shop', origin: 'https://SHOP.example' } }],
    ['another language', { locale: 'fr' }],
    ['a date with an offset', { expires_at: '2026-11-22T10:00:00+09:00' }],
    ['no date', { expires_at: 'soon' }],
  ])('%s', async (_what, overrides) => {
    expect((await failureOf(fetchWith(overrides))).code).toBe('PROVIDER_ANSWER_INVALID')
  })

  test.each<[string, (response: ServerResponse) => void, string]>([
    [
      'an empty answer',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(),
      'PROVIDER_ANSWER_INVALID',
    ],
    [
      'no JSON',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
      'PROVIDER_ANSWER_INVALID',
    ],
    [
      'HTML',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hi</h1>'),
      'PROVIDER_ANSWER_INVALID',
    ],
    ['a JSON list', (response) => sendJson(response, 200, []), 'PROVIDER_ANSWER_INVALID'],
    [
      '8 KiB and one byte',
      (response) => sendJson(response, 200, { format: 'x'.repeat(8 * 1024) }),
      'PROVIDER_ANSWER_INVALID',
    ],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: `${provider.origin}/elsewhere` }).end(),
      'PROVIDER_ANSWER_INVALID',
    ],
    [
      'an error of the registry',
      (response) => sendJson(response, 410, { error: 'SIGNIN_TICKET_EXPIRED' }),
      'TICKET_REFUSED',
    ],
    [
      'an error in other words',
      (response) => sendJson(response, 404, { message: 'no such ticket' }),
      'PROVIDER_ANSWER_INVALID',
    ],
    ['a broken server', (response) => sendJson(response, 500, { error: 'SERVER_FAILED' }), 'PROVIDER_ANSWER_INVALID'],
    ['a connection cut', (response) => void response.destroy(), 'PROVIDER_UNREACHABLE'],
    ['silence', () => undefined, 'PROVIDER_UNREACHABLE'],
  ])('%s', async (_what, answer, code) => {
    const ticketId = provider.issueTicket()
    answerWith(answer)
    expect((await failureOf(client.fetchTicket(provider.origin, ticketId))).code).toBe(code)
    // A redirect was not followed, and nothing was asked twice: the first fetch claims the ticket.
    expect(provider.seen).toHaveLength(1)
  })

  test('a body that never ends is cut off by size, one that trickles by time', async () => {
    const ticketId = provider.issueTicket()
    answerWith((response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => response.write('x'.repeat(16 * 1024)) && setImmediate(more)
      response.on('drain', more).on('error', () => undefined)
      more()
    })
    expect((await failureOf(client.fetchTicket(provider.origin, ticketId))).code).toBe('PROVIDER_ANSWER_INVALID')
    answerWith((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
    })
    expect((await failureOf(client.fetchTicket(provider.origin, ticketId))).code).toBe('PROVIDER_UNREACHABLE')
  })

  test('a certificate that nobody vouches for: no request is made', async () => {
    const { privateKey, certificateDer } = await issueCard()
    const cert = `-----BEGIN CERTIFICATE-----\n${certificateDer.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
    let asked = 0
    const server = createServer(
      { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert },
      (_request, response) => {
        asked += 1
        sendJson(response, 200, {})
      },
    )
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    try {
      const origin = `https://localhost:${String((server.address() as AddressInfo).port)}`
      expect((await failureOf(client.fetchTicket(origin, 'A'.repeat(43)))).code).toBe('PROVIDER_UNREACHABLE')
      expect(asked).toBe(0)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})

describe('attack 21: clocks', () => {
  const minutes = (count: number) => count * 60_000

  test.each([-5, 0, 5, 600])(
    'the agent %i minutes off: the life of a ticket is measured by the provider',
    async (off) => {
      clock = new Date(Date.now() + minutes(off))
      const { lifeMs } = await fetchWith({ expires_at: new Date(Date.now() + 120_000).toISOString() })
      expect(lifeMs).toBeGreaterThan(110_000)
      expect(lifeMs).toBeLessThanOrEqual(121_000)
    },
  )

  test('a ticket that has expired on arrival: TICKET_REFUSED', async () => {
    const expired = { expires_at: new Date(Date.now() - 2_000).toISOString() }
    expect((await failureOf(fetchWith(expired))).code).toBe('TICKET_REFUSED')
  })

  test('a ticket good for years lives five minutes', async () => {
    expect((await fetchWith({ expires_at: '2099-01-01T00:00:00Z' })).lifeMs).toBe(300_000)
  })
})

describe('the answer to the response', () => {
  const send = () => client.sendResult(provider.origin, provider.issueTicket(), { error: 'AGENT_CANCELLED' })

  test('is where the browser goes on', async () => {
    expect((await send()).completionUri).toMatch(new RegExp(`^${provider.origin}/sign-in/complete\\?code=`))
    const [result] = provider.results()
    expect(failedResponseSchema.parse(result)).toMatchObject({ format: FORMAT, error: 'AGENT_CANCELLED' })
  })

  test.each([
    'https://evil.example/complete?code=1',
    'http://localhost:1/complete',
    'http://localhost.evil.example/complete',
    'javascript:alert(1)',
    'data:text/html,hi',
    '/sign-in/complete',
    '',
  ])('attack 22: completion_uri %j is refused', async (uri) => {
    answerWith((response) => sendJson(response, 200, { completion_uri: uri }))
    expect((await failureOf(send())).code).toBe('PROVIDER_ANSWER_INVALID')
  })

  test('attack 22: a completion_uri with user information before the provider’s name is refused', async () => {
    answerWith((response) =>
      sendJson(response, 200, { completion_uri: provider.origin.replace('://', '://bank.example@') }),
    )
    expect((await failureOf(send())).code).toBe('PROVIDER_ANSWER_INVALID')
  })
})
