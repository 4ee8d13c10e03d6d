import type { Log } from '../observability/log.ts'
import type { JobLeader } from '../storage/job-leader.ts'
import { repeat } from './repeat.ts'

const EVERY_MS = 60_000
const BATCH = 500
/** Of one turn; what is left waits a minute. Shorter than what PostgreSQL lets the leader's transaction be idle. */
const TURN_MS = 20_000

/** Removes at most `limit` expired rows and says how many it found. */
export type CleaningJob = (limit: number) => Promise<number>

export interface CleanExpiredDependencies {
  readonly jobs: readonly CleaningJob[]
  readonly leader: Pick<JobLeader, 'lead'>
  readonly log: Log
}

/** Removes what has expired, once a minute, in batches so small that nobody waits for them; one process does it for all. */
export function cleanExpired({ jobs, leader, log }: CleanExpiredDependencies): { stop(): Promise<void> } {
  let stopped = false
  const onFault = (fault: unknown): void => {
    log.warn({ err: fault }, 'expired rows stay a little longer')
  }

  const clean = async (): Promise<void> => {
    const begunAt = performance.now()
    for (const job of jobs) {
      try {
        while (!stopped && performance.now() - begunAt < TURN_MS && (await job(BATCH)) === BATCH);
      } catch (fault) {
        // the next one may fare better: a fault of one must not keep the rows of all others
        onFault(fault)
      }
    }
  }
  const cleaning = repeat(EVERY_MS, () => leader.lead('cleaning', clean), onFault)

  return {
    stop: () => {
      stopped = true
      return cleaning.stop()
    },
  }
}
