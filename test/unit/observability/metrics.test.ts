import { describe, expect, test, vi } from 'vitest'
import { combineMetrics } from '../../../src/observability/metrics/combine-metrics.ts'
import { createMetrics } from '../../../src/observability/metrics/create-metrics.ts'
import { keepFresh } from '../../../src/observability/metrics/keep-fresh.ts'

const countOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ')[1])
}

/** A worker that signed people in. */
async function worker(signIns: number, anchorDays: number): Promise<readonly unknown[]> {
  const metrics = createMetrics({ ofProcess: false })
  for (let n = 0; n < signIns; n++) metrics.signIn({ outcome: 'signed_in' })
  metrics.step({ step: 'judge' }, 0.2)
  const read = () => [{ labels: {}, value: anchorDays }]
  metrics.gauge({ name: 'sekisho_days', help: 'days', labels: [], aggregator: 'min', read })
  // as it goes through the channel between processes
  return JSON.parse(JSON.stringify(await metrics.toJson())) as unknown[]
}

const SIGNED_IN = 'sekisho_sign_ins_total{outcome="signed_in"}'
const JUDGED = 'sekisho_step_seconds_count{step="judge"}'

describe('several processes', () => {
  test('are added up; what each sees of the same thing is not', async () => {
    const combined = combineMetrics()
    combined.keep(1, await worker(3, 40))
    combined.keep(2, await worker(4, 41))
    const text = await combined.toText([])
    expect([countOf(text, SIGNED_IN), countOf(text, JUDGED), countOf(text, 'sekisho_days')]).toEqual([7, 2, 40])
  })

  test('one that ended stays counted, however many end; its states do not', async () => {
    const combined = combineMetrics()
    for (let process = 1; process <= 20; process++) {
      combined.keep(process, await worker(2, process))
      combined.forget(process)
      combined.forget(process)
    }
    combined.keep(99, await worker(1, 50))
    const text = await combined.toText(await worker(0, 60))
    expect([countOf(text, SIGNED_IN), countOf(text, JUDGED), countOf(text, 'sekisho_days')]).toEqual([41, 22, 50])
  })

  test('with nobody who answered there is still a text', async () => {
    expect(await combineMetrics().toText([])).toBe('\n')
  })
})

describe('what is read when somebody scrapes', () => {
  test('a reading that fails is left out, and the scrape goes on', async () => {
    const metrics = createMetrics({ ofProcess: false })
    const fail = () => Promise.reject(new Error('no database'))
    metrics.gauge({ name: 'sekisho_broken', help: 'broken', labels: [], aggregator: 'max', read: fail })
    metrics.signIn({ outcome: 'signed_in' })
    const text = await metrics.toText()
    expect([countOf(text, 'sekisho_broken'), countOf(text, SIGNED_IN)]).toEqual([undefined, 1])
  })

  test('a reading that hangs is given up in bounded time', async () => {
    vi.useFakeTimers()
    try {
      const read = keepFresh(() => new Promise<readonly number[]>(() => undefined))()
      await vi.advanceTimersByTimeAsync(1000)
      expect(await read).toEqual([])
    } finally {
      vi.useRealTimers()
    }
  })

  test('is asked at most once in two seconds', async () => {
    let time = 0
    let asked = 0
    const read = keepFresh(
      () => [++asked],
      () => time,
    )
    const seen = [await read(), await read()]
    time = 1999
    seen.push(await read())
    time = 2000
    seen.push(await read())
    expect(seen).toEqual([[1], [1], [1], [2]])
  })
})
