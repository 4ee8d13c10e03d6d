import type { Metrics } from '../../observability/metrics/create-metrics.ts'
import type { SignInJournal } from '../../sign-in/sign-in-journal.ts'

/** Each function of `steps`, timed under its own name: `openTicket`, `judge`, `resolve`. */
export function timeSteps<Steps extends object>(steps: Steps, metrics: Pick<Metrics, 'step'>): Steps {
  const timed = Object.entries(steps).map(([name, work]: [string, unknown]) => {
    if (typeof work !== 'function') return [name, work] as const
    const measured = async (...args: unknown[]): Promise<unknown> => {
      const begunAt = performance.now()
      try {
        return await (Reflect.apply(work, steps, args) as unknown)
      } finally {
        metrics.step({ step: name }, (performance.now() - begunAt) / 1000)
      }
    }
    return [name, measured] as const
  })
  return Object.fromEntries(timed) as Steps
}

/** Counts how sign-ins end, once it is written down. */
export function countOutcomes(journal: SignInJournal, metrics: Pick<Metrics, 'signIn'>): SignInJournal {
  return {
    async refused(event) {
      await journal.refused(event)
      metrics.signIn({ outcome: event.code })
    },
    async succeeded(event) {
      await journal.succeeded(event)
      metrics.signIn({ outcome: 'signed_in' })
    },
  }
}
