import type { Log } from '../observability/log.ts'

const EVERY_MS = 60_000
const BATCH = 500

/** Removes at most `limit` expired rows and says how many it found. */
export type CleaningJob = (limit: number) => Promise<number>

export interface CleanExpiredDependencies {
  readonly jobs: readonly CleaningJob[]
  readonly log: Log
}

/** Removes what has expired, once a minute, in batches so small that nobody waits for them. Several processes may do it at once. */
export function cleanExpired({ jobs, log }: CleanExpiredDependencies): { stop(): Promise<void> } {
  let stopped = false
  let underWay: Promise<void> = Promise.resolve()

  const clean = async (): Promise<void> => {
    for (const job of jobs) {
      while (!stopped && (await job(BATCH)) === BATCH);
    }
  }
  const timer = setInterval(() => {
    underWay = underWay.then(clean).catch((fault: unknown) => {
      log.warn({ err: fault }, 'expired rows stay a little longer')
    })
  }, EVERY_MS)
  timer.unref()

  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await underWay
    },
  }
}
