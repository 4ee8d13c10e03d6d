import { AggregatorRegistry, Registry } from 'prom-client'

type MetricsJson = readonly unknown[]

/** Content type of `toText`. */
export const PROMETHEUS_TEXT: string = Registry.PROMETHEUS_CONTENT_TYPE

/** Adds up what several processes counted, also those that have ended meanwhile. */
export interface CombinedMetrics {
  /** What a process said last. @param source any number that names it */
  keep(source: number, metrics: MetricsJson): void
  /** That process is gone. What it counted stays counted: a sum that falls would look like a restart of everything. */
  forget(source: number): void
  /** Prometheus' text format. @param own of this process, added as they are */
  toText(own: MetricsJson): Promise<string>
}

export function combineMetrics(): CombinedMetrics {
  const latest = new Map<number, MetricsJson>()
  let departed: MetricsJson = []

  return {
    keep: (source, metrics) => void latest.set(source, metrics),
    forget(source) {
      const last = latest.get(source)
      latest.delete(source)
      if (last === undefined) return
      const counted = last.filter(isCounted)
      departed = departed.length === 0 ? counted : fold(departed, counted)
    },
    toText: (own) => aggregate([departed, ...latest.values(), own].filter((part) => part.length > 0)).metrics(),
  }
}

function aggregate(parts: readonly MetricsJson[]): Registry {
  return AggregatorRegistry.aggregate(parts.map((part) => [...part] as object[]))
}

/** Counters and histograms only grow; everything else speaks of now. */
function isCounted(metric: unknown): boolean {
  const { type, name } = metric as { readonly type?: unknown; readonly name?: unknown }
  return (type === 'counter' || type === 'histogram') && !String(name).startsWith('process_start')
}

function fold(one: MetricsJson, other: MetricsJson): MetricsJson {
  // an aggregated registry holds plain objects, each with its sum at hand
  return aggregate([one, other])
    .getMetricsAsArray()
    .map((metric) => (metric as unknown as { get(): unknown }).get())
}
