import type { Metric, Registry } from 'prom-client'

/** One line of what is told. */
export interface MetricValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** Puts a metric that is counted here, not by prom-client, among those of a registry: that asks for its values and nothing else. */
export function registerOwnMetric(
  registry: Registry,
  {
    name,
    help,
    type,
    values,
  }: {
    readonly name: string
    readonly help: string
    readonly type: 'counter' | 'histogram'
    readonly values: () => readonly MetricValue[]
  },
): void {
  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type, values: [...values()], aggregator: 'sum' }),
    reset: () => undefined,
  }
  registry.registerMetric(metric as unknown as Metric)
}
