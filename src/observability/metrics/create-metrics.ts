import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { keepFresh } from './keep-fresh.ts'
import { createCounter } from './own-counter.ts'
import { createHistogram } from './own-histogram.ts'

/** How the readings of several workers become one (prom-client). */
export type Aggregator = 'sum' | 'max' | 'min' | 'first' | 'average'

export interface Reading<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly value: number
}

export interface GaugeDescription<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
  readonly aggregator: Aggregator
  /** Asked when somebody scrapes, at most once in a few seconds. What fails, or takes too long, is left out. */
  readonly read: () => readonly Reading<Label>[] | Promise<readonly Reading<Label>[]>
}

type Count<Label extends string> = (labels: Readonly<Record<Label, string>>) => void
type Time<Label extends string> = (labels: Readonly<Record<Label, string>>, seconds: number) => void

/**
 * Everything that is counted. Labels are words of ours (codes of the registry, steps, names of the configuration), never what a client
 * sent: no client id, no address, no path (docs/adr/0007).
 */
export interface Metrics {
  /** `signed_in`, or the code of the refusal. */
  readonly signIn: Count<'outcome'>
  /** Every refusal that a page or an API showed, by its code. */
  readonly refusal: Count<'code'>
  readonly step: Time<'step'>
  readonly request: Time<'route' | 'status'>
  readonly revocationQuestion: Time<'source' | 'outcome'>
  readonly linkageQuestion: Time<'outcome'>
  readonly cacheLookup: Count<'cache' | 'result'>
  readonly lostCookie: Count<'code' | 'cause'>
  /** Users of sites and cards: tickets made, how they ended, links removed. */
  readonly link: Count<'outcome'>
  gauge<Label extends string>(description: GaugeDescription<Label>): void
  /** Prometheus’ text format. */
  toText(): Promise<string>
  /** As JSON that prom-client can add up over several processes. */
  toJson(): Promise<readonly unknown[]>
}

/** From a few milliseconds to the deadline of a national service. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** @param ofProcess also what Node tells of the process: event loop, memory, CPU; once a process */
export function createMetrics({ ofProcess }: { readonly ofProcess: boolean }): Metrics {
  const registry = new Registry()
  if (ofProcess) collectDefaultMetrics({ register: registry })

  const count = <Label extends string>(name: string, help: string, labels: Label[]): Count<Label> =>
    createCounter(registry, { name, help, labels })
  const time = <Label extends string>(name: string, help: string, labels: Label[]): Time<Label> =>
    createHistogram(registry, { name, help, labels }, SECONDS)

  return {
    signIn: count('sekisho_sign_ins_total', 'Sign-ins that came to an end, by how.', ['outcome']),
    refusal: count('sekisho_refusals_total', 'Refusals shown to people and programs.', ['code']),
    step: time('sekisho_step_seconds', 'One step of a sign-in.', ['step']),
    request: time('sekisho_request_seconds', 'One HTTP request.', ['route', 'status']),
    revocationQuestion: time('sekisho_revocation_question_seconds', 'One question to a source of revocation.', [
      'source',
      'outcome',
    ]),
    linkageQuestion: time('sekisho_linkage_question_seconds', 'One question to the linkage service.', ['outcome']),
    cacheLookup: count('sekisho_cache_lookups_total', 'Look-ups in a cache of this process.', ['cache', 'result']),
    lostCookie: count('sekisho_lost_cookies_total', 'Browsers that came back without their sign-in’s cookie.', [
      'code',
      'cause',
    ]),
    link: count('sekisho_links_total', 'Tickets that link users of sites, and links, by what became of them.', [
      'outcome',
    ]),
    gauge: ({ name, help, labels, aggregator, read }) => {
      const fresh = keepFresh(read)
      const gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        aggregator,
        registers: [registry],
        collect: async () => {
          const readings = await fresh()
          gauge.reset()
          // one without labels is reset to 0, which would be a reading
          if (labels.length === 0) gauge.remove({})
          for (const { labels: values, value } of readings) gauge.set(values, value)
        },
      })
    },
    toText: () => registry.metrics(),
    toJson: () => registry.getMetricsAsJSON(),
  }
}
