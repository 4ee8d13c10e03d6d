import type { Database } from './database.ts'

/** Any numbers that nothing else in the database locks; one for each job. */
const LOCKS = { cleaning: 7_305_517_101 } as const

/** A job that one process at a time should do. */
export type LeaderJob = keyof typeof LOCKS

export interface JobLeader {
  /**
   * Does the work if no other process is doing it now. The lock belongs to a transaction: it ends with this process, however that ends,
   * and passes through a pooler. The work itself must be short (well below a minute) and uses other connections.
   *
   * @returns whether it was done here
   */
  lead(job: LeaderJob, work: () => Promise<void>): Promise<boolean>
}

export function createJobLeader(database: Database): JobLeader {
  return {
    async lead(job, work) {
      if (database.kind === 'embedded') {
        // one process, and one connection: the work would wait for the lock's transaction
        await work()
        return true
      }
      return database.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
          LOCKS[job],
        ])
        if (rows[0]?.mine !== true) return false
        await work()
        return true
      })
    },
  }
}
