export interface BreakerOptions {
  readonly now: () => Date
  /** Failures in a row after which nobody is asked … */
  readonly failures: number
  /** … for so long; then one question tries it again. */
  readonly pauseMs: number
  /** Told after every question whether the service is being left alone. */
  readonly onState?: ((isOpen: boolean) => void) | undefined
}

export interface Breaker {
  /**
   * @param hasFailed whether an answer speaks against the service as a whole
   * @returns undefined when the service is being left alone
   */
  run<Answer>(ask: () => Promise<Answer>, hasFailed: (answer: Answer) => boolean): Promise<Answer | undefined>
}

/** Leaves a service alone that has failed several times in a row, so that log-ins do not each wait for its deadline. */
export function createBreaker({ now, failures, pauseMs, onState }: BreakerOptions): Breaker {
  let failuresInRow = 0
  let pausedUntilMs = 0
  let isTrying = false
  return {
    async run(ask, hasFailed) {
      const isOpen = failuresInRow >= failures
      if (isOpen && (isTrying || now().getTime() < pausedUntilMs)) return undefined
      isTrying = isOpen
      try {
        const answer = await ask()
        failuresInRow = hasFailed(answer) ? failuresInRow + 1 : 0
        if (failuresInRow >= failures) pausedUntilMs = now().getTime() + pauseMs
        onState?.(failuresInRow >= failures)
        return answer
      } finally {
        if (isOpen) isTrying = false
      }
    },
  }
}
