import type { RevocationSource } from '../../certificate/revocation/revocation-source.ts'
import type { Metrics } from '../../observability/metrics/create-metrics.ts'
import type { SourceWatch } from './watch-source.ts'

/** Counts the questions that reach a source: to be put around it directly, inside cache and breaker. */
export function measureRevocation(
  source: RevocationSource,
  { metrics, watch }: { readonly metrics: Pick<Metrics, 'revocationQuestion'>; readonly watch: SourceWatch },
): RevocationSource {
  return {
    method: source.method,
    name: source.name,
    async check(question) {
      const begunAt = performance.now()
      const answer = await source.check(question)
      const seconds = (performance.now() - begunAt) / 1000
      metrics.revocationQuestion({ source: source.name, outcome: answer.status }, seconds)
      watch.heard(answer.status === 'unavailable' ? answer.cause : undefined)
      return answer
    },
  }
}
