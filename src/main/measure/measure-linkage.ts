import type { Metrics } from '../../observability/metrics/create-metrics.ts'
import type { LinkageService } from '../../subject/linkage-service.ts'
import type { SourceWatch } from './watch-source.ts'

type Answer = { readonly status: string; readonly cause?: string }

/** Counts the national questions. One that the breaker kept back (`paused`) was none. */
export function measureLinkage(
  service: LinkageService,
  { metrics, watch }: { readonly metrics: Pick<Metrics, 'linkageQuestion'>; readonly watch: SourceWatch },
): LinkageService {
  const timed = async <Found extends Answer>(ask: () => Promise<Found>): Promise<Found> => {
    const begunAt = performance.now()
    const answer = await ask()
    const cause = answer.status === 'unavailable' ? (answer.cause ?? 'unknown') : undefined
    watch.heard(cause)
    const outcome = cause === 'paused' ? 'paused' : answer.status
    metrics.linkageQuestion({ outcome }, (performance.now() - begunAt) / 1000)
    return answer
  }
  switch (service.style) {
    case 'none':
      return service
    case 'previous':
      return { ...service, previousOf: (question) => timed(() => service.previousOf(question)) }
    case 'person':
      return { ...service, personOf: (question) => timed(() => service.personOf(question)) }
  }
}
