import type { AuditCount, AuditCountStore } from '../audit/count/audit-count-store.ts'
import type { Database, Queryable } from './database.ts'

/** Seals that are counted in one transaction: some ten thousand records. */
const SEALS_AT_ONCE = 10
/** Records after the last counted seal that are counted while somebody waits. Ten seconds' worth, unless sealing has stopped. */
const MAX_UNCOUNTED = 50_000

/** Counts of the log in PostgreSQL (migration 0020). */
export function createAuditCountStore(database: Database): AuditCountStore {
  return {
    countSealed: () => database.transaction(countSome),

    async since(hour) {
      const { rows } = await database.query<CountRow>(
        `WITH place AS (SELECT last_sequence FROM audit_count_place),
         tail AS (
           SELECT at, type, details ->> 'code' AS code FROM audit_events, place
           WHERE sequence > place.last_sequence ORDER BY sequence LIMIT $2
         )
         SELECT hour, type, code, sum(events)::float8 AS events FROM (
           SELECT hour, type, code, events FROM audit_counts WHERE hour >= $1
           UNION ALL
           SELECT date_trunc('hour', at, 'UTC'), type, coalesce(code, ''), 1 FROM tail WHERE at >= $1
         ) AS counted
         GROUP BY hour, type, code ORDER BY hour, type, code`,
        [hour, MAX_UNCOUNTED],
      )
      return rows.map(countOf)
    },
  }
}

/** Of several processes one counts; the others find nothing to do. */
async function countSome(transaction: Queryable): Promise<boolean> {
  const { rows: places } = await transaction.query<{ seal_number: string; last_sequence: string }>(
    'SELECT seal_number, last_sequence FROM audit_count_place FOR UPDATE SKIP LOCKED',
  )
  const [place] = places
  if (place === undefined) return false
  const { rows: seals } = await transaction.query<{ number: string | null; last: string | null }>(
    `SELECT max(number) AS number, max(last_sequence) AS last
     FROM (SELECT number, last_sequence FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2) AS next`,
    [place.seal_number, SEALS_AT_ONCE],
  )
  const [{ number, last } = { number: null, last: null }] = seals
  if (number === null || last === null) return false
  await transaction.query(
    `INSERT INTO audit_counts AS known (hour, type, code, events)
     SELECT date_trunc('hour', at, 'UTC'), type, coalesce(details ->> 'code', ''), count(*) FROM audit_events
     WHERE sequence > $1 AND sequence <= $2 GROUP BY 1, 2, 3
     ON CONFLICT (hour, type, code) DO UPDATE SET events = known.events + excluded.events`,
    [place.last_sequence, last],
  )
  await transaction.query('UPDATE audit_count_place SET seal_number = $1, last_sequence = $2', [number, last])
  return Number(number) - Number(place.seal_number) === SEALS_AT_ONCE
}

interface CountRow {
  readonly hour: Date
  readonly type: string
  readonly code: string
  readonly events: number
}

function countOf({ code, ...row }: CountRow): AuditCount {
  return { ...row, code: code === '' ? undefined : code }
}
