import { Counter, Histogram, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createCounter } from '../../../src/observability/metrics/own-counter.ts'
import { createHistogram } from '../../../src/observability/metrics/own-histogram.ts'

const BOUNDS = [0.005, 0.1, 1]
const TIMED = { name: 'timed_seconds', help: 'How long.', labels: ['route', 'status'] } as const
const COUNTED = { name: 'counted_total', help: 'How often.', labels: ['outcome'] } as const

/** The same things told to ours and to prom-client. */
async function tellBoth(told: readonly (readonly [route: string, status: string, seconds: number])[]) {
  const [ours, theirs] = [new Registry(), new Registry()]
  const own = { count: createCounter(ours, COUNTED), time: createHistogram(ours, TIMED, BOUNDS) }
  const counter = new Counter({ ...COUNTED, labelNames: [...COUNTED.labels], registers: [theirs] })
  const histogram = new Histogram({ ...TIMED, labelNames: [...TIMED.labels], buckets: BOUNDS, registers: [theirs] })
  for (const [route, status, seconds] of told) {
    own.count({ outcome: status })
    counter.inc({ outcome: status })
    own.time({ route, status }, seconds)
    histogram.observe({ route, status }, seconds)
  }
  const json = async (registry: Registry) => JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as unknown
  return { texts: [await ours.metrics(), await theirs.metrics()], jsons: [await json(ours), await json(theirs)] }
}

const TOLD = [
  ['auth', '2xx', 0.004],
  ['auth', '2xx', 0.005],
  ['auth', '3xx', 0.0051],
  ['token', '2xx', 1],
  ['token', '2xx', 1.0000001],
  ['token', '5xx', 60],
  ['auth', '2xx', 0],
] as const

describe('counted by ourselves, told as prom-client tells it', () => {
  test.each([
    ['nothing yet', []],
    ['one', TOLD.slice(0, 1)],
    ['bounds and what is beyond them, several series', TOLD],
  ])('%s', async (_what, told) => {
    const { texts, jsons } = await tellBoth(told)
    expect(linesOf(texts[0])).toEqual(linesOf(texts[1]))
    expect(jsons[0]).toMatchObject(withoutPlaces(jsons[1]))
  })
})

/** A series, whatever the order of its labels. */
function linesOf(text = ''): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_all, labels: string) => `{${labels.split(',').sort().join(',')}}`))
}

/** prom-client adds fields of its own working to some values. */
function withoutPlaces(json: unknown): object {
  return (json as { readonly values: readonly Record<string, unknown>[] }[]).map(({ values, ...metric }) => ({
    ...metric,
    values: values.map(({ labels, value, metricName }) => ({
      labels,
      value,
      ...(metricName === undefined ? {} : { metricName }),
    })),
  }))
}
