import type { Registry } from 'prom-client'
import { registerOwnMetric } from './own-metric.ts'
import { createSeries } from './series.ts'

export interface MetricDescription<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
}

/** @returns counts one more */
export function createCounter<Label extends string>(
  registry: Registry,
  { name, help, labels }: MetricDescription<Label>,
): (values: Readonly<Record<Label, string>>) => void {
  const series = createSeries(labels, () => ({ count: 0 }))
  registerOwnMetric(registry, {
    name,
    help,
    type: 'counter',
    values: () => Array.from(series.all(), ({ labels: of, thing }) => ({ labels: { ...of }, value: thing.count })),
  })
  return (values) => {
    series.of(values).count += 1
  }
}
