import type { PepperCensus } from '../subject/pepper/pepper-census.ts'
import type { Database } from './database.ts'

/** Reads every row's version: for the command line, not for a log-in. */
export function createPepperCensus(database: Database): PepperCensus {
  return {
    async count() {
      const { rows } = await database.query<{ version: number; current: string; others: string }>(
        `SELECT pepper_version AS version, count(*) FILTER (WHERE status = 'current') AS current,
           count(*) FILTER (WHERE status <> 'current') AS others
         FROM credentials GROUP BY pepper_version ORDER BY pepper_version`,
      )
      return rows.map(({ version, current, others }) => ({ version, current: Number(current), others: Number(others) }))
    },
  }
}
