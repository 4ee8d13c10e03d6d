import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { carryOutSignOuts } from '../../../src/main/carry-out-sign-outs.ts'
import { cleanExpired } from '../../../src/main/clean-expired.ts'
import { deliverLogouts } from '../../../src/main/deliver-logouts.ts'
import { keepSigningKeys } from '../../../src/main/keep-signing-keys.ts'
import type { Outbox, OutboxMessage } from '../../../src/storage/outbox.ts'

/** Jobs go on for years: what one row or one task does to them must not be done to all the others. */
const NOW = new Date('2026-11-22T03:00:00Z')
const ACCOUNT = 'a'
const logged: unknown[] = []
const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (what: unknown) => logged.push(what)]),
) as never

let outcome: Record<string, string>

/** As the real one: what is taken is not taken again before its time, what was given up never. */
function outboxOf(payloads: readonly unknown[]): Outbox {
  const left: OutboxMessage[] = payloads.map((payload, index) => ({ id: String(index), payload, attempts: 1 }))
  return {
    takeDue: (_kind, { limit }) => Promise.resolve(left.splice(0, limit)),
    finish: (id) => {
      outcome[id] = 'done'
      return Promise.resolve()
    },
    fail: (id, _error, nextAt) => {
      outcome[id] = nextAt === undefined ? 'given up' : 'later'
      return Promise.resolve()
    },
  } satisfies Partial<Outbox> as Partial<Outbox> as Outbox
}

beforeEach(() => {
  vi.useFakeTimers()
  outcome = {}
  logged.length = 0
})
afterEach(() => {
  vi.useRealTimers()
})

describe.each([
  ['of another release', { who: 'knows' }],
  ['nothing', null],
  ['a text', 'x'],
])('a message that is %s', (_name, bad) => {
  test('does not keep sign-outs from being carried out', async () => {
    const signedOut: string[] = []
    const good = { accountId: ACCOUNT, at: NOW.toISOString() }
    const job = carryOutSignOuts({
      outbox: outboxOf([bad, good, bad, good]),
      holdings: { signOut: ({ accountId }) => Promise.resolve(void signedOut.push(accountId)) },
      log,
      now: () => NOW,
    })
    await vi.advanceTimersByTimeAsync(1000)
    await job.stop()
    expect(outcome).toEqual({ 0: 'given up', 1: 'done', 2: 'given up', 3: 'done' })
    expect(signedOut).toEqual([ACCOUNT, ACCOUNT])
    expect(logged).toEqual([{ id: '0' }, { id: '2' }])
  })

  test('does not keep sites from being told', async () => {
    const told: string[] = []
    const delivery = deliverLogouts({
      outbox: outboxOf([bad, { clientId: 'shop', accountId: ACCOUNT }, bad]),
      log,
      now: () => NOW,
    })
    delivery.start(({ clientId }) => Promise.resolve(void told.push(clientId)))
    await vi.advanceTimersByTimeAsync(1000)
    await delivery.stop()
    expect(outcome).toEqual({ 0: 'given up', 1: 'done', 2: 'given up' })
    expect(told).toEqual(['shop'])
  })
})

test('a sign-out that fails comes later, and the next one is carried out', async () => {
  const good = { accountId: ACCOUNT, at: NOW.toISOString() }
  const job = carryOutSignOuts({
    outbox: outboxOf([{ ...good, accountId: 'bad' }, good]),
    holdings: {
      signOut: ({ accountId }) => (accountId === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve()),
    },
    log,
    now: () => NOW,
  })
  await vi.advanceTimersByTimeAsync(1000)
  await job.stop()
  expect(outcome).toEqual({ 0: 'later', 1: 'done' })
})

test('one kind of expired rows that cannot be removed does not keep the others', async () => {
  const done: string[] = []
  const cleaning = cleanExpired({
    jobs: [
      () => Promise.reject(new Error('a constraint')),
      (limit) => Promise.resolve(done.push('codes') > 1 ? 0 : limit),
      () => Promise.resolve(done.push('tickets') * 0),
    ],
    leader: {
      lead: async (_job, work) => {
        await work()
        return true
      },
    },
    log,
  })
  await vi.advanceTimersByTimeAsync(60_000)
  await cleaning.stop()
  expect(done).toEqual(['codes', 'codes', 'tickets'])
  expect(logged).toHaveLength(1)
})

test('a schedule of keys that fails does not keep the keys of others from being followed', async () => {
  const exchanged: unknown[] = []
  const keeping = keepSigningKeys({
    rotation: { runSchedule: () => Promise.reject(new Error('one key does not open')) },
    load: () => Promise.resolve({ keys: [{ kid: 'new', kty: 'EC' }] }),
    loaded: { keys: [{ kid: 'old', kty: 'EC' }] },
    exchange: (keys) => exchanged.push(keys),
    onChange: () => undefined,
    log,
  })
  await vi.advanceTimersByTimeAsync(10)
  await keeping.stop()
  expect(exchanged).toEqual([{ keys: [{ kid: 'new', kty: 'EC' }] }])
})
