import type {
  SigningAlgorithm,
  SigningKeyState,
  SigningKeyStore,
  SigningKeyTable,
  StoredSigningKey,
} from '../signing-key/signing-key-store.ts'
import type { AuditActor } from '../audit/audit-event.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'

/** Any number that nothing else in the database locks: "sekisho signing keys". */
const ADVISORY_LOCK = 7_305_517_001

/** Signing keys in PostgreSQL. @param by who moves them, for the audit log */
export function createSigningKeyStore(
  database: Database,
  by: AuditActor = 'operator',
  now: () => Date = () => new Date(),
): SigningKeyStore {
  const tableOf = (queryable: Queryable): SigningKeyTable => ({
    ...rowsOf(queryable),
    record: (moves) => {
      const events = moves.map(({ kid, move }) => ({ type: 'signing_key.changed', kid, change: move }) as const)
      return appendAuditEvents(queryable, events, now(), by)
    },
  })
  return {
    list: () => rowsOf(database).list(),
    exclusively: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
        return work(tableOf(transaction))
      }),
    tryExclusively: (work) =>
      database.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
          ADVISORY_LOCK,
        ])
        return rows[0]?.mine === true ? work(tableOf(transaction)) : undefined
      }),
  }
}

const COLUMNS = `kid, algorithm, public_jwk, sealed_private_jwk, state, published_at, activates_at, activated_at,
  retired_at, published_until`

function rowsOf(queryable: Queryable): Omit<SigningKeyTable, 'record'> {
  return {
    async list() {
      const { rows } = await queryable.query<SigningKeyRow>(
        `SELECT ${COLUMNS} FROM signing_keys ORDER BY published_at DESC, kid`,
      )
      return rows.map(keyOf)
    },

    async insert(key) {
      await queryable.query(`INSERT INTO signing_keys (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, [
        key.kid,
        key.algorithm,
        JSON.stringify(key.publicJwk),
        key.sealedPrivateJwk,
        key.state,
        key.publishedAt,
        key.activatesAt,
        key.activatedAt,
        key.retiredAt,
        key.publishedUntil,
      ])
    },

    async update({ kid, sealedPrivateJwk, state, activatesAt, activatedAt, retiredAt, publishedUntil }) {
      await queryable.query(
        `UPDATE signing_keys SET sealed_private_jwk = $2, state = $3, activates_at = $4, activated_at = $5,
           retired_at = $6, published_until = $7
         WHERE kid = $1`,
        [kid, sealedPrivateJwk, state, activatesAt, activatedAt, retiredAt, publishedUntil],
      )
    },
  }
}

interface SigningKeyRow {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly public_jwk: Record<string, unknown>
  readonly sealed_private_jwk: Buffer | null
  readonly state: SigningKeyState
  readonly published_at: Date
  readonly activates_at: Date | null
  readonly activated_at: Date | null
  readonly retired_at: Date | null
  readonly published_until: Date | null
}

function keyOf(row: SigningKeyRow): StoredSigningKey {
  return {
    kid: row.kid,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    sealedPrivateJwk: row.sealed_private_jwk ?? undefined,
    state: row.state,
    publishedAt: row.published_at,
    activatesAt: row.activates_at ?? undefined,
    activatedAt: row.activated_at ?? undefined,
    retiredAt: row.retired_at ?? undefined,
    publishedUntil: row.published_until ?? undefined,
  }
}
