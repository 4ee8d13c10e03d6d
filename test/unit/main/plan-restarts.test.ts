import { describe, expect, test } from 'vitest'
import { createRestartPlanner, type RestartPlan } from '../../../src/main/serve/plan-restarts.ts'

const POLICY = { firstDelayMs: 100, longestDelayMs: 1000, steadyAfterMs: 30_000, patience: 5 }

function start() {
  let time = 0
  const planner = createRestartPlanner(() => time, POLICY)
  return {
    planner,
    /** Worker n begins to serve, and ends after so long. */
    live: (worker: number, ms: number): RestartPlan => {
      planner.ready(worker)
      time += ms
      return planner.ended(worker)
    },
  }
}

describe('a crash loop', () => {
  test('is given up when nobody serves', () => {
    const { planner } = start()
    const plans = [1, 2, 3, 4, 5].map((worker) => planner.ended(worker))
    expect(plans).toEqual([{ afterMs: 100 }, { afterMs: 200 }, { afterMs: 400 }, { afterMs: 800 }, 'give up'])
  })

  test('of workers that begin to serve and end at once is given up too', () => {
    const { live } = start()
    const plans = [1, 2, 3, 4, 5].map((worker) => live(worker, 10))
    expect(plans.at(-1)).toBe('give up')
  })

  test('beside a worker that serves is tried for ever, ever more seldom', () => {
    const { planner, live } = start()
    planner.ready(99)
    const plans = Array.from({ length: 50 }, (_, worker) => live(worker, 10))
    expect(plans.slice(0, 6)).toEqual([100, 200, 400, 800, 1000, 1000].map((afterMs) => ({ afterMs })))
    expect(plans.at(-1)).toEqual({ afterMs: 1000 })
    expect(planner.serving()).toBe(1)
  })
})

test('who served for long was no failed start', () => {
  const { live } = start()
  for (let worker = 0; worker < 20; worker++) expect(live(worker, 30_000)).toEqual({ afterMs: 100 })
})
