import type { RevocationSource } from '../../certificate/revocation/revocation-source.ts'
import type { HealthCheck } from '../../observability/health/health-check.ts'
import type { Metrics } from '../../observability/metrics/create-metrics.ts'
import type { LinkageService } from '../../subject/linkage-service.ts'
import { measureLinkage } from './measure-linkage.ts'
import { measureRevocation } from './measure-revocation.ts'
import { watchSource, type SourceWatch } from './watch-source.ts'

/** How the services of others do, as far as their answers show it: for metrics, and for readiness. */
export interface SourceGauges {
  /** To be put around a source directly, inside cache and breaker. */
  measure(source: RevocationSource): RevocationSource
  measureLinkage(service: LinkageService): LinkageService
  /** @param name of a source, or `linkage` */
  breaker(name: string, isOpen: boolean): void
  lookup(cache: 'revocation' | 'clients', isFound: boolean): void
  /** A list could not be loaded, whoever asks. */
  loadFailed(name: string, cause: string): void
  /** One for each source so far. */
  checks(): readonly HealthCheck[]
}

export function createSourceGauges({
  metrics,
  now,
}: {
  readonly metrics: Metrics
  readonly now: () => Date
}): SourceGauges {
  const watches = new Map<string, SourceWatch>()
  const open = new Map<string, boolean>()
  const watch = (name: string): SourceWatch => {
    const found = watches.get(name) ?? watchSource(now)
    watches.set(name, found)
    return found
  }
  metrics.gauge({
    name: 'sekisho_breaker_open',
    help: '1 while a service of others is left alone because it failed several times in a row.',
    labels: ['source'],
    aggregator: 'max',
    read: () => [...open].map(([source, isOpen]) => ({ labels: { source }, value: isOpen ? 1 : 0 })),
  })

  return {
    measure(source) {
      open.set(source.name, false)
      return measureRevocation(source, { metrics, watch: watch(`revocation_${source.name}`) })
    },
    measureLinkage(service) {
      open.set('linkage', false)
      return measureLinkage(service, { metrics, watch: watch('linkage') })
    },
    breaker: (name, isOpen) => void open.set(name, isOpen),
    lookup: (cache, isFound) => {
      metrics.cacheLookup({ cache, result: isFound ? 'hit' : 'miss' })
    },
    loadFailed: (name, cause) => {
      watch(`revocation_${name}`).heard(cause)
    },
    checks: () => [...watches].map(([name, one]) => ({ name, silenceIs: 'degraded', read: () => one.report() })),
  }
}
