import type { HealthReport } from '../../observability/health/health-check.ts'

/** What was last heard of a service that is asked only when somebody signs in. */
export interface SourceWatch {
  /** @param cause why there was no usable answer, a word of a fixed list; undefined: there was one */
  heard(cause?: string): void
  /** Failing is `degraded`, never `unready`: every instance has the same source, and who is signed in needs none. */
  report(): HealthReport
}

export function watchSource(now: () => Date): SourceWatch {
  let last: { readonly at: Date; readonly cause: string | undefined } | undefined
  let lastAnswer: Date | undefined
  return {
    heard(cause) {
      last = { at: now(), cause }
      if (cause === undefined) lastAnswer = last.at
    },
    report: () => ({
      state: last?.cause === undefined ? 'ok' : 'degraded',
      asOf: last?.at,
      detail: {
        last_answer: lastAnswer?.toISOString() ?? null,
        ...(last?.cause === undefined ? {} : { cause: last.cause }),
      },
    }),
  }
}
