/** Milliseconds, and how often. */
export interface RestartPolicy {
  /** After the first failure in a row; doubled after each further one … */
  readonly firstDelayMs: number
  /** … up to this. */
  readonly longestDelayMs: number
  /** Who served for so long was no failed start: the count begins anew. */
  readonly steadyAfterMs: number
  /** Failures in a row, with nobody left who serves, after which it is given up. */
  readonly patience: number
}

export const RESTART_POLICY: RestartPolicy = {
  firstDelayMs: 200,
  longestDelayMs: 10_000,
  steadyAfterMs: 30_000,
  patience: 5,
}

export type RestartPlan = { readonly afterMs: number } | 'give up'

/**
 * When a worker that ended gets a successor. While another one serves it is tried for ever, ever more seldom: a service with fewer
 * workers is better than none. With nobody left, a few failures in a row end it all, so that whoever supervises this process learns.
 *
 * @param now milliseconds that only go forward
 */
export function createRestartPlanner(now: () => number, policy: RestartPolicy = RESTART_POLICY) {
  const serving = new Map<number, number>()
  let failures = 0

  return {
    /** @param worker any number that names it */
    ready(worker: number): void {
      serving.set(worker, now())
    },
    ended(worker: number): RestartPlan {
      const since = serving.get(worker)
      serving.delete(worker)
      if (since !== undefined && now() - since >= policy.steadyAfterMs) failures = 0
      failures += 1
      if (failures >= policy.patience && serving.size === 0) return 'give up'
      return { afterMs: Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (failures - 1)) }
    },
    serving: () => serving.size,
  }
}
