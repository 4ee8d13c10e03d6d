import type { Request, Response } from 'express'
import { expect, test, vi } from 'vitest'
import { createHealth } from '../../../src/observability/health/create-health.ts'
import type { HealthCheck } from '../../../src/observability/health/health-check.ts'
import { createHealthPages } from '../../../src/web/health.ts'

const NOW = new Date('2026-11-22T09:00:00Z')

/** Asks the router without a socket. */
async function ready(checks: readonly HealthCheck[], isStopping = false): Promise<{ status: number; body: unknown }> {
  const answered = Promise.withResolvers<{ status: number; body: unknown }>()
  let status = 200
  const response = {
    status: vi.fn((code: number) => {
      status = code
      return response
    }),
    set: vi.fn(() => response),
    json: vi.fn((body: unknown) => {
      answered.resolve({ status, body })
    }),
  }
  const health = createHealth({ checks, now: () => NOW })
  createHealthPages({ health, isStopping: () => isStopping })(
    { method: 'GET', url: '/ready', headers: {} } as unknown as Request,
    response as unknown as Response,
    (fault?: unknown) => {
      answered.reject(fault instanceof Error ? fault : new Error('no such page'))
    },
  )
  return answered.promise
}

const check = (read: HealthCheck['read'], silenceIs: HealthCheck['silenceIs'] = 'unready'): HealthCheck => ({
  name: 'it',
  silenceIs,
  read,
})

test.each([
  ['a check that fails', check(() => Promise.reject(new Error('postgres://secret'))), 503, 'unready'],
  [
    'a check that throws',
    check(() => {
      throw new Error('x')
    }),
    503,
    'unready',
  ],
  ['a lesser check that fails', check(() => Promise.reject(new Error('down')), 'degraded'), 200, 'degraded'],
  ['a check that says no', check(() => ({ state: 'unready' })), 503, 'unready'],
  ['a check that says so-so', check(() => ({ state: 'degraded' })), 200, 'degraded'],
  ['a check that says yes', check(() => ({ state: 'ok' })), 200, 'ok'],
] as const)('%s', async (_name, one, status, word) => {
  const answer = await ready([check(() => ({ state: 'ok' })), { ...one, name: 'other' }])
  expect(answer).toEqual({
    status,
    body: { status: word, checks: { it: { state: 'ok', age_seconds: 0 }, other: { state: word, age_seconds: 0 } } },
  })
})

test('who was told to stop is not ready, however well it is', async () => {
  expect(await ready([check(() => ({ state: 'ok' }))], true)).toMatchObject({
    status: 503,
    body: { status: 'stopping' },
  })
})

test('says how old what it says is', async () => {
  const asOf = new Date(NOW.getTime() - 90_000)
  const answer = await ready([check(() => ({ state: 'degraded', asOf, detail: { cause: 'source-timed-out' } }))])
  expect(answer.body).toMatchObject({
    checks: { it: { state: 'degraded', age_seconds: 90, cause: 'source-timed-out' } },
  })
})

test('whoever asks while an answer is under way gets that one', async () => {
  let asked = 0
  const health = createHealth({
    checks: [
      check(() => {
        asked += 1
        return Promise.resolve({ state: 'ok' })
      }),
    ],
    now: () => NOW,
  })
  await Promise.all(Array.from({ length: 20 }, () => health.read()))
  expect(asked).toBe(1)
  await health.read()
  expect(asked).toBe(2)
})

test('a check that stays silent is a no, in bounded time', async () => {
  vi.useFakeTimers()
  try {
    const answer = ready([check(() => new Promise(() => undefined))])
    await vi.advanceTimersByTimeAsync(2000)
    expect((await answer).status).toBe(503)
  } finally {
    vi.useRealTimers()
  }
})
