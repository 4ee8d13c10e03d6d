import type { Registry } from 'prom-client'
import type { MetricDescription } from './own-counter.ts'
import { registerOwnMetric, type MetricValue } from './own-metric.ts'
import { createSeries } from './series.ts'

/** @param bounds of the buckets, rising @returns takes down one value */
export function createHistogram<Label extends string>(
  registry: Registry,
  { name, help, labels }: MetricDescription<Label>,
  bounds: readonly number[],
): (of: Readonly<Record<Label, string>>, value: number) => void {
  // the last one is beyond all bounds
  const series = createSeries(labels, () => ({ counts: Array<number>(bounds.length + 1).fill(0), count: 0, sum: 0 }))

  const values = (): MetricValue[] =>
    Array.from(series.all(), ({ labels: of, thing: { counts, count, sum } }) => {
      let upTo = 0
      const buckets = bounds.map((le, place) => {
        upTo += counts[place] ?? 0
        return { labels: { le, ...of }, value: upTo, metricName: `${name}_bucket` }
      })
      return [
        ...buckets,
        { labels: { le: '+Inf', ...of }, value: count, metricName: `${name}_bucket` },
        { labels: { ...of }, value: sum, metricName: `${name}_sum` },
        { labels: { ...of }, value: count, metricName: `${name}_count` },
      ]
    }).flat()

  registerOwnMetric(registry, { name, help, type: 'histogram', values })
  return (of, value) => {
    const taken = series.of(of)
    let place = 0
    while (place < bounds.length && value > (bounds[place] ?? Infinity)) place += 1
    taken.counts[place] = (taken.counts[place] ?? 0) + 1
    taken.count += 1
    taken.sum += value
  }
}
