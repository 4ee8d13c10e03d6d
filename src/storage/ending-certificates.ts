import type { Database } from './database.ts'

/** Certificates that end in one month; nothing of whose they are. */
export interface EndingCertificates {
  /** Its begin, in Japan, where certificates end at the end of a day. */
  readonly month: Date
  readonly count: number
}

/** Longer than that nobody waits, and other work is not kept from the database. */
const LIMIT_MS = 3_000
/** The numbers of a day hardly change within it. */
const REMEMBERED_MS = 3_600_000
const MONTHS = 4

/**
 * How many current certificates end in this month and the next ones. All of them are read for it, so it is asked at most once an hour, by
 * one at a time, and given up after a few seconds.
 *
 * @returns undefined when that was too long
 */
export function createEndingCertificates({
  database,
  now,
}: {
  readonly database: Database
  readonly now: () => Date
}): () => Promise<readonly EndingCertificates[] | undefined> {
  let known: { readonly at: number; readonly found: Promise<readonly EndingCertificates[] | undefined> } | undefined
  return () => {
    const at = now().getTime()
    if (known === undefined || at - known.at >= REMEMBERED_MS) known = { at, found: count(database, now()) }
    return known.found
  }
}

async function count(database: Database, now: Date): Promise<readonly EndingCertificates[] | undefined> {
  try {
    return await database.transaction(async (transaction) => {
      await transaction.query(`SET LOCAL statement_timeout = ${LIMIT_MS}`)
      const { rows } = await transaction.query<EndingCertificates>(
        `SELECT date_trunc('month', not_after, 'Asia/Tokyo') AS month, count(*)::float8 AS count FROM credentials
         WHERE status = 'current' AND not_after >= $1
           AND not_after < date_trunc('month', $1::timestamptz, 'Asia/Tokyo') + make_interval(months => ${MONTHS})
         GROUP BY 1 ORDER BY 1`,
        [now],
      )
      return rows
    })
  } catch {
    return undefined
  }
}
