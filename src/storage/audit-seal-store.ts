import type { AuditSeal, SealedLeaf, Tombstone } from '../audit/seal/audit-seal.ts'
import type { AuditSealStore, AuditSealTable } from '../audit/seal/audit-seal-store.ts'
import { EVENT_COLUMNS, eventOf, type EventRow } from './audit-event-rows.ts'
import type { Database, Queryable } from './database.ts'

/** Any number that nothing else in the database locks: "sekisho audit seals". */
const ADVISORY_LOCK = 7_305_517_002
const LEAF_OCTETS = 40
/** Seals that may have to wait longer than later ones, one every ten seconds. */
const OUT_OF_ORDER = 1000

/** Seals in PostgreSQL, beside the log. */
export function createAuditSealStore(database: Database): AuditSealStore {
  return {
    async horizon() {
      // two statements, in this order: whoever had drawn a number by the first has a transaction id that the second knows
      const { rows: sequences } = await database.query<{ last: string | null }>(
        "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'sequence')) AS last",
      )
      const { rows: snapshots } = await database.query<{ mark: string }>(
        'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS mark',
      )
      return { lastSequence: BigInt(sequences[0]?.last ?? 0), mark: snapshots[0]?.mark ?? '' }
    },

    async isSettled({ mark }) {
      const { rows } = await database.query<{ settled: boolean }>(
        'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS settled',
        [mark],
      )
      return rows[0]?.settled === true
    },

    tryExclusively: (work) =>
      database.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
          ADVISORY_LOCK,
        ])
        return rows[0]?.mine === true ? work(tableOf(transaction)) : undefined
      }),
  }
}

function tableOf(transaction: Queryable): AuditSealTable {
  return {
    async last() {
      const { rows } = await transaction.query<SealRow>(
        `SELECT ${SEAL_COLUMNS} FROM audit_seals ORDER BY number DESC LIMIT 1`,
      )
      return rows[0] && sealOf(rows[0])
    },

    async events({ after, upTo, limit }) {
      const { rows } = await transaction.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM audit_events WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3`,
        [after.toString(), upTo.toString(), limit],
      )
      return rows.map(eventOf)
    },

    async append(seal) {
      await transaction.query(`INSERT INTO audit_seals (${SEAL_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [
        seal.number,
        seal.firstSequence.toString(),
        seal.lastSequence.toString(),
        seal.root,
        seal.previous ?? null,
        seal.sealedAt,
        seal.kid,
        seal.signature,
        packLeaves(seal.leaves),
      ])
    },

    async prunable(before, limit) {
      // the newest record of a batch is not always its last: clocks of several processes differ. Looked at are only the oldest that
      // are left: the log of years is not read through each time
      const { rows } = await transaction.query<SealRow>(
        `SELECT ${SEAL_COLUMNS} FROM (
           SELECT * FROM audit_seals
           WHERE number > coalesce((SELECT max(seal_number) FROM audit_tombstones), 0) - ${OUT_OF_ORDER}
           ORDER BY number LIMIT ${2 * OUT_OF_ORDER}
         ) AS seal
         WHERE NOT EXISTS (SELECT FROM audit_tombstones WHERE seal_number = seal.number)
           AND NOT EXISTS (
             SELECT FROM audit_events
             WHERE sequence BETWEEN seal.first_sequence AND seal.last_sequence AND at >= $1
           )
         ORDER BY number LIMIT $2`,
        [before, limit],
      )
      return rows.map(sealOf)
    },

    async bury({ sealNumber, events, reason, prunedAt, kid, signature }) {
      await transaction.query(
        `INSERT INTO audit_tombstones (seal_number, events, reason, pruned_at, kid, signature)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [sealNumber, events, reason, prunedAt, kid, signature],
      )
      await transaction.query(
        `DELETE FROM audit_events USING audit_seals
         WHERE number = $1 AND sequence BETWEEN first_sequence AND last_sequence`,
        [sealNumber],
      )
    },
  }
}

export const SEAL_COLUMNS =
  'number, first_sequence, last_sequence, merkle_root, previous_seal, sealed_at, kid, signature, leaves'

export interface SealRow {
  readonly number: string
  readonly first_sequence: string
  readonly last_sequence: string
  readonly merkle_root: Buffer
  readonly previous_seal: Buffer | null
  readonly sealed_at: Date
  readonly kid: string
  readonly signature: Buffer
  readonly leaves: Buffer
}

export function sealOf(row: SealRow): AuditSeal {
  return {
    number: Number(row.number),
    firstSequence: BigInt(row.first_sequence),
    lastSequence: BigInt(row.last_sequence),
    root: row.merkle_root,
    previous: row.previous_seal ?? undefined,
    sealedAt: row.sealed_at,
    kid: row.kid,
    signature: row.signature,
    leaves: unpackLeaves(row.leaves),
  }
}

export interface TombstoneRow {
  readonly seal_number: string
  readonly events: number
  readonly reason: string
  readonly pruned_at: Date
  readonly kid: string
  readonly signature: Buffer
}

export function tombstoneOf(row: TombstoneRow): Tombstone {
  const { events, reason, kid, signature } = row
  return { sealNumber: Number(row.seal_number), events, reason, prunedAt: row.pruned_at, kid, signature }
}

function packLeaves(leaves: readonly SealedLeaf[]): Buffer {
  return Buffer.concat(
    leaves.map(({ sequence, hash }) => {
      const number = Buffer.alloc(8)
      number.writeBigUInt64BE(sequence)
      return Buffer.concat([number, hash])
    }),
  )
}

function unpackLeaves(packed: Buffer): readonly SealedLeaf[] {
  return Array.from({ length: packed.length / LEAF_OCTETS }, (_, at) => ({
    sequence: packed.readBigUInt64BE(at * LEAF_OCTETS),
    hash: packed.subarray(at * LEAF_OCTETS + 8, (at + 1) * LEAF_OCTETS),
  }))
}
