import type { RevocationSource } from './revocation-source.ts'
import { UNAVAILABLE_CAUSES } from './unavailable-cause.ts'

export interface CircuitOptions {
  readonly now: () => Date
  /** Failures in a row after which the source is left alone … */
  readonly failures: number
  /** … for so long; then one question tries it again. */
  readonly pauseMs: number
  /** Told after every question whether the source is being left alone. */
  readonly onState?: (isOpen: boolean) => void
}

export const DEFAULT_CIRCUIT = { failures: 5, pauseMs: 15_000 } as const

/**
 * Leaves a source alone that has failed several times in a row, so that log-ins do not each wait for its deadline and the next source
 * is asked at once. What counts as a failure of the source is said in the table of causes.
 */
export function breakCircuit(
  source: RevocationSource,
  { now, failures, pauseMs, onState }: CircuitOptions,
): RevocationSource {
  let failuresInRow = 0
  let pausedUntilMs = 0
  let isTrying = false

  return {
    method: source.method,
    name: source.name,
    async check(question) {
      const isOpen = failuresInRow >= failures
      if (isOpen && (isTrying || now().getTime() < pausedUntilMs)) {
        const origin = { method: source.method, source: source.name, checkedAt: now() }
        return { status: 'unavailable', cause: 'source-paused', ...origin }
      }
      isTrying = isOpen
      try {
        const answer = await source.check(question)
        const failed = answer.status === 'unavailable' && UNAVAILABLE_CAUSES[answer.cause].trips
        failuresInRow = failed ? failuresInRow + 1 : 0
        if (failuresInRow >= failures) pausedUntilMs = now().getTime() + pauseMs
        onState?.(failuresInRow >= failures)
        return answer
      } finally {
        if (isOpen) isTrying = false
      }
    },
  }
}
