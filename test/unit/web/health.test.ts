import type { Request, Response } from 'express'
import { expect, test, vi } from 'vitest'
import { createHealth } from '../../../src/web/health.ts'

const UNTIL = new Date('2033-07-15T14:59:59Z')

/** Asks the router without a socket. */
async function ready(checks: Parameters<typeof createHealth>[0]): Promise<{ status: number; body: unknown }> {
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
  createHealth(checks)(
    { method: 'GET', url: '/ready', headers: {} } as unknown as Request,
    response as unknown as Response,
    (fault?: unknown) => {
      answered.reject(fault instanceof Error ? fault : new Error('no such page'))
    },
  )
  return answered.promise
}

const anchorsOf = (state: 'ready' | 'ending' | 'unready') => () => ({
  state,
  lastUsableUntil: state === 'unready' ? undefined : UNTIL,
})

test.each([
  ['all is well', () => Promise.resolve(), 'ready', 200, 'ok'],
  ['the last anchor ends soon: a warning', () => Promise.resolve(), 'ending', 200, 'ok'],
  ['no anchor is usable', () => Promise.resolve(), 'unready', 503, 'unavailable'],
  ['the database refuses', () => Promise.reject(new Error('down')), 'ready', 503, 'unavailable'],
] as const)('%s', async (_name, database, state, status, word) => {
  const answer = await ready({ database, anchors: anchorsOf(state) })
  expect(answer.status).toBe(status)
  expect(answer.body).toMatchObject({
    status: word,
    checks: { trust_anchors: { state, last_usable_until: state === 'unready' ? null : '2033-07-15T14:59:59.000Z' } },
  })
})

test('a database that stays silent is unavailable in bounded time', async () => {
  vi.useFakeTimers()
  try {
    const answer = ready({ database: () => new Promise(() => undefined), anchors: anchorsOf('ready') })
    await vi.advanceTimersByTimeAsync(2000)
    expect((await answer).status).toBe(503)
  } finally {
    vi.useRealTimers()
  }
})
