import type { AuditSeal, Tombstone } from '../audit/seal/audit-seal.ts'
import type { StoredEvent } from '../audit/seal/stored-event.ts'
import { EVENT_COLUMNS, eventOf, type EventRow } from './audit-event-rows.ts'
import { SEAL_COLUMNS, sealOf, tombstoneOf, type SealRow, type TombstoneRow } from './audit-seal-store.ts'
import type { Database, Queryable } from './database.ts'

const PAGE_EVENTS = 2000
const PAGE_SEALS = 20

/** Everything of the log and its seals, in order, page by page: memory does not grow with it. */
export interface AuditReader {
  /** @param after begin behind this number */
  events(after?: bigint): AsyncGenerator<StoredEvent>
  seals(): AsyncGenerator<AuditSeal>
  tombstones(): Promise<ReadonlyMap<number, Tombstone>>
}

/** Everything that `work` reads is of one moment, however much is written meanwhile. */
export function readAuditLog<Result>(
  database: Database,
  work: (reader: AuditReader) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (transaction) => {
    await transaction.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    return work(createAuditReader(transaction))
  })
}

/** @param transaction one that sees everything as of one moment */
export function createAuditReader(transaction: Queryable): AuditReader {
  return {
    async *events(after = 0n) {
      for (let last = after; ;) {
        const { rows } = await transaction.query<EventRow>(
          `SELECT ${EVENT_COLUMNS} FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2`,
          [last.toString(), PAGE_EVENTS],
        )
        for (const row of rows) yield eventOf(row)
        const newest = rows.at(-1)
        if (newest === undefined || rows.length < PAGE_EVENTS) return
        last = BigInt(newest.sequence)
      }
    },

    async *seals() {
      for (let last = 0; ;) {
        const { rows } = await transaction.query<SealRow>(
          `SELECT ${SEAL_COLUMNS} FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2`,
          [last, PAGE_SEALS],
        )
        for (const row of rows) yield sealOf(row)
        const newest = rows.at(-1)
        if (newest === undefined || rows.length < PAGE_SEALS) return
        last = Number(newest.number)
      }
    },

    async tombstones() {
      const { rows } = await transaction.query<TombstoneRow>('SELECT * FROM audit_tombstones')
      return new Map(rows.map((row) => [Number(row.seal_number), tombstoneOf(row)]))
    },
  }
}
