import type { AuditBrowser } from '../audit/browse/audit-browser.ts'
import type { AuditSeal } from '../audit/seal/audit-seal.ts'
import { EVENT_COLUMNS, eventOf, type EventRow } from './audit-event-rows.ts'
import { SEAL_COLUMNS, sealOf, tombstoneOf, type SealRow, type TombstoneRow } from './audit-seal-store.ts'
import type { Queryable } from './database.ts'

/** Records that one page looks at, at most: then it says how far it came, and is asked to go on. */
const MAX_LOOKED_AT = 20_000
/** How far the clocks of processes may differ, or a transaction be behind: numbers follow times no closer than this. */
const SLACK_MS = 3_600_000
const BEYOND_ALL = 2n ** 63n - 1n

/** What has an index is looked for in it; the rest is held against a bounded number of records. */
const LOOKED_AT = `FROM audit_events
  WHERE sequence < $1 AND sequence >= $2 AND ($3::text IS NULL OR type = $3) AND ($4::uuid IS NULL OR account_id = $4)
  ORDER BY sequence DESC LIMIT $5`

/** Reads the log in PostgreSQL by its primary keys; nothing here scans a table. */
export function createAuditBrowser(
  database: Queryable,
  { lookAtMost = MAX_LOOKED_AT }: { readonly lookAtMost?: number } = {},
): AuditBrowser {
  const sealNumbered = async (number: bigint | number): Promise<AuditSeal | undefined> => {
    const { rows } = await database.query<SealRow>(`SELECT ${SEAL_COLUMNS} FROM audit_seals WHERE number = $1`, [
      number.toString(),
    ])
    return rows[0] && sealOf(rows[0])
  }

  /** The first number whose record is younger than this, give or take the slack. Halves the range, one look by the key a time. */
  const sequenceAfter = async (time: Date): Promise<bigint> => {
    const { rows } = await database.query<{ low: string | null; high: string | null }>(
      'SELECT min(sequence) AS low, max(sequence) AS high FROM audit_events',
    )
    let low = BigInt(rows[0]?.low ?? 0)
    let high = BigInt(rows[0]?.high ?? 0) + 1n
    while (low < high) {
      const middle = (low + high) / 2n
      const { rows: found } = await database.query<{ sequence: string; younger: boolean }>(
        'SELECT sequence, at > $2 AS younger FROM audit_events WHERE sequence >= $1 ORDER BY sequence LIMIT 1',
        [middle.toString(), time],
      )
      const [record] = found
      if (record === undefined || record.younger) high = middle
      else low = BigInt(record.sequence) + 1n
    }
    return low
  }

  return {
    async page(filter, { before = BEYOND_ALL, limit }) {
      const { type, accountId, clientId, code, actor, from, until } = filter
      const end = until === undefined ? before : smaller(before, await sequenceAfter(later(until, SLACK_MS)))
      const begin = from === undefined ? 0n : await sequenceAfter(later(from, -SLACK_MS))
      const range = [end.toString(), begin.toString(), type ?? null, accountId ?? null, lookAtMost]
      const { rows } = await database.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM (SELECT * ${LOOKED_AT}) AS looked_at
         WHERE ($6::text IS NULL OR client_id = $6) AND ($7::text IS NULL OR actor = $7)
           AND ($8::timestamptz IS NULL OR looked_at.at >= $8) AND ($9::timestamptz IS NULL OR looked_at.at < $9)
           AND ($11::text IS NULL OR details ->> 'code' = $11)
         ORDER BY sequence DESC LIMIT $10`,
        [...range, clientId ?? null, actor ?? null, from ?? null, until ?? null, limit + 1, code ?? null],
      )
      const events = rows.slice(0, limit).map(eventOf)
      if (rows.length > limit) return { events, older: events.at(-1)?.sequence }
      const { rows: looked } = await database.query<{ count: number; oldest: string | null }>(
        `SELECT count(*)::float8 AS count, min(sequence) AS oldest FROM (SELECT sequence ${LOOKED_AT}) AS looked_at`,
        range,
      )
      const { count = 0, oldest = null } = looked[0] ?? {}
      return { events, older: count < lookAtMost || oldest === null ? undefined : BigInt(oldest) }
    },

    async event(sequence) {
      const { rows } = await database.query<EventRow>(`SELECT ${EVENT_COLUMNS} FROM audit_events WHERE sequence = $1`, [
        sequence.toString(),
      ])
      return rows[0] && eventOf(rows[0])
    },

    async sealOver(sequence) {
      const { rows } = await database.query<{ newest: string | null }>('SELECT max(number) AS newest FROM audit_seals')
      let low = 1n
      let high = BigInt(rows[0]?.newest ?? 0) + 1n
      while (low < high) {
        const middle = (low + high) / 2n
        const { rows: found } = await database.query<{ last: string }>(
          'SELECT last_sequence AS last FROM audit_seals WHERE number = $1',
          [middle.toString()],
        )
        if (BigInt(found[0]?.last ?? -1) >= sequence) high = middle
        else low = middle + 1n
      }
      const seal = await sealNumbered(low)
      return seal && { seal, previous: low === 1n ? undefined : await sealNumbered(low - 1n) }
    },

    sealNumbered,

    async tombstones({ after, upTo }) {
      const { rows } = await database.query<TombstoneRow>(
        'SELECT * FROM audit_tombstones WHERE seal_number > $1 AND seal_number <= $2 ORDER BY seal_number',
        [after, upTo],
      )
      return rows.map(tombstoneOf)
    },

    async *sealed({ after, upTo }) {
      for (let number = after + 1; number <= upTo; number += 1) {
        const seal = await sealNumbered(BigInt(number))
        if (seal === undefined) continue
        const { rows } = await database.query<EventRow>(
          `SELECT ${EVENT_COLUMNS} FROM audit_events WHERE sequence BETWEEN $1 AND $2 ORDER BY sequence`,
          [seal.firstSequence.toString(), seal.lastSequence.toString()],
        )
        yield { seal, events: rows.map(eventOf) }
      }
    },

    async head() {
      const { rows } = await database.query<{ last: string | null }>('SELECT max(sequence) AS last FROM audit_events')
      const { rows: seals } = await database.query<SealRow>(
        `SELECT ${SEAL_COLUMNS} FROM audit_seals ORDER BY number DESC LIMIT 1`,
      )
      return { seal: seals[0] && sealOf(seals[0]), lastSequence: BigInt(rows[0]?.last ?? 0) }
    },
  }
}

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const later = (time: Date, ms: number): Date => new Date(time.getTime() + ms)
