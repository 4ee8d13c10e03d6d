import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createVirtualJpki, serveVirtualJpki, type VirtualJpki, type VirtualJpkiServer } from '../src/index.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

let jpki: VirtualJpki
let server: VirtualJpkiServer
beforeEach(async () => {
  jpki = await createVirtualJpki({ now: () => new Date('2026-11-22T03:00:00Z'), cacheDirectory: VIRTUAL_KEYS })
  server = await serveVirtualJpki(jpki)
})
afterEach(() => server.close())

const order = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}/control/events`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
const whole = (): unknown => [jpki.registry.list(), jpki.people(), jpki.clock.offsetMs()]

describe('is refused, and changes nothing:', () => {
  test.each<[string, unknown, number, string]>([
    ['an event that there is not', { event: 'hug', persona: 'taro' }, 400, 'ORDER_MALFORMED'],
    ['an event without a persona', { event: 'renew' }, 400, 'ORDER_MALFORMED'],
    ['an unknown member', { event: 'renew', persona: 'taro', reason: 'keyCompromise' }, 400, 'ORDER_MALFORMED'],
    [
      'a reason that loss does not have',
      { event: 'reissue', persona: 'taro', reason: 'superseded' },
      400,
      'ORDER_MALFORMED',
    ],
    ['an address beyond reason', { event: 'move', persona: 'taro', address: 'x'.repeat(201) }, 400, 'ORDER_MALFORMED'],
    ['no JSON object', 'renew taro', 400, 'ORDER_MALFORMED'],
    ['a clock that is not moved', { event: 'clock' }, 400, 'ORDER_MALFORMED'],
    ['a clock moved twice', { event: 'clock', advance: 'P1D', reset: true }, 400, 'ORDER_MALFORMED'],
    ['a duration that is none', { event: 'clock', advance: 'tomorrow' }, 400, 'ORDER_MALFORMED'],
    ['a moment that is none', { event: 'clock', set: '2031-02-30' }, 400, 'ORDER_MALFORMED'],
    ['somebody unknown', { event: 'renew', persona: 'nobody' }, 404, 'PERSONA_UNKNOWN'],
    ['a dead person', { event: 'renew', persona: 'deceased' }, 409, 'PERSON_DEAD'],
    ['a name that is taken', { event: 'issue', persona: 'taro' }, 409, 'PERSONA_TAKEN'],
  ])('%s', async (_name, body, status, error) => {
    const before = whole()
    const response = await order(body)
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ error })])
    expect(whole()).toEqual(before)
  })

  test('attack 23: a web page, by its Origin', async () => {
    const before = whole()
    const headers = { origin: 'https://evil.example' }
    expect((await order({ event: 'die', persona: 'taro' }, headers)).status).toBe(403)
    expect((await order({ event: 'die', persona: 'taro' }, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await fetch(`${server.url}/control/people`, { headers })).status).toBe(403)
    expect(whole()).toEqual(before)
  })
})

test('a renewal: what happened, and what the registry says afterwards', async () => {
  const response = await order({ event: 'renew', persona: 'taro' })
  const answer = (await response.json()) as { readonly changes: readonly Readonly<Record<string, unknown>>[] }
  expect([response.status, answer]).toEqual([
    200,
    expect.objectContaining({
      number: 1,
      event: 'renew',
      persona: 'taro',
      person: 'taro',
      at: '2026-11-22T03:00:00.000Z',
    }),
  ])
  expect(answer.changes).toEqual([
    expect.objectContaining({
      change: 'revoked',
      authority: 'authentication-3',
      serial_number: '2f30b12f',
      reason: 'superseded',
    }),
    expect.objectContaining({ change: 'revoked', authority: 'signature-3', purpose: 'signature' }),
    expect.objectContaining({ change: 'issued', purpose: 'authentication', medium: 'card', relation: 'renewed' }),
    expect.objectContaining({ change: 'issued', purpose: 'signature' }),
  ])
  const { people, clock } = (await (await fetch(`${server.url}/control/people`)).json()) as {
    readonly clock: unknown
    readonly people: readonly { readonly persona: string; readonly card: { readonly authentication: unknown } }[]
  }
  expect(clock).toEqual({ now: '2026-11-22T03:00:00.000Z', offset_ms: 0 })
  expect(people.find(({ persona }) => persona === 'taro')).toEqual({
    persona: 'taro',
    person: 'taro',
    alive: true,
    card: {
      authentication: {
        authority: 'authentication-3',
        serial_number: answer.changes[2]?.['serial_number'],
        not_before: '2026-11-22T03:00:00.000Z',
        not_after: '2031-04-15T14:59:59.000Z',
        status: 'good',
      },
      signature: expect.objectContaining({ status: 'good' }) as unknown,
    },
    phone: null,
  })
})

test('a death is told by nothing but revocations', async () => {
  await order({ event: 'phone', persona: 'hanako' })
  await order({ event: 'die', persona: 'hanako' })
  const { people } = (await (await fetch(`${server.url}/control/people`)).json()) as {
    readonly people: readonly Readonly<Record<string, unknown>>[]
  }
  const revoked = expect.objectContaining({ status: 'revoked', reason: 'cessationOfOperation' }) as unknown
  expect(people.find(({ persona }) => persona === 'hanako')).toMatchObject({
    alive: false,
    card: { authentication: revoked, signature: revoked },
    phone: { authentication: revoked, signature: revoked },
  })
})

test('the clock: forwards, to a moment, and back; everything here goes by it', async () => {
  const said = async (body: unknown): Promise<unknown> => (await order({ event: 'clock', ...(body as object) })).json()
  expect(await said({ advance: 'P4Y' })).toEqual({
    now: '2030-11-22T03:00:00.000Z',
    offset_ms: 4 * 365.25 * 86_400_000,
  })
  await order({ event: 'renew', persona: 'taro' })
  expect((await fetch(`${server.url}/anchors/virtual-authca04.pem`)).status).toBe(200)
  expect((await fetch(`${server.url}/crl/authentication-4.crl`)).status).toBe(200)
  expect((await fetch(`${server.url}/crl/authentication-5.crl`)).status).toBe(404)
  expect(await said({ set: '2020-01-01T00:00:00Z' })).toMatchObject({ now: '2020-01-01T00:00:00.000Z' })
  expect(await said({ reset: true })).toEqual({ now: '2026-11-22T03:00:00.000Z', offset_ms: 0 })
})
