import { REMEMBERED_MS, UNDER_WAY_MS, type IdempotencyStore } from '../administration/idempotency.ts'
import type { Sealer } from '../sealing/create-sealer.ts'
import type { Database } from './database.ts'

const PURPOSE = 'an answer of the admin API'

/** Answers of the admin API, in PostgreSQL; sealed, since some hold a new secret. */
export function createIdempotencyStore({
  database,
  sealer,
}: {
  readonly database: Database
  readonly sealer: Pick<Sealer, 'seal' | 'open'>
}): IdempotencyStore {
  return {
    async begin(caller, key, requestDigest, at) {
      const stale = new Date(at.getTime() - UNDER_WAY_MS)
      const forgotten = new Date(at.getTime() - REMEMBERED_MS)
      const { rowCount } = await database.query(
        `INSERT INTO admin_idempotency_keys AS known (caller, key, request_digest, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (caller, key) DO UPDATE
         SET request_digest = excluded.request_digest, created_at = excluded.created_at, sealed_answer = NULL
         WHERE known.created_at < $6 OR (known.sealed_answer IS NULL AND known.created_at < $5)`,
        [caller, key, requestDigest, at, stale, forgotten],
      )
      if (rowCount === 1) return { outcome: 'first' }
      const { rows } = await database.query<{ request_digest: Buffer; sealed_answer: Buffer | null }>(
        'SELECT request_digest, sealed_answer FROM admin_idempotency_keys WHERE caller = $1 AND key = $2',
        [caller, key],
      )
      const [row] = rows
      if (row === undefined) return { outcome: 'under-way' }
      if (!row.request_digest.equals(requestDigest)) return { outcome: 'other-request' }
      if (row.sealed_answer === null) return { outcome: 'under-way' }
      return { outcome: 'answered', answer: sealer.open(PURPOSE, row.sealed_answer).toString('utf8') }
    },

    async finish(caller, key, answer) {
      await database.query('UPDATE admin_idempotency_keys SET sealed_answer = $3 WHERE caller = $1 AND key = $2', [
        caller,
        key,
        sealer.seal(PURPOSE, Buffer.from(answer, 'utf8')),
      ])
    },

    async forget(caller, key) {
      await database.query(
        'DELETE FROM admin_idempotency_keys WHERE caller = $1 AND key = $2 AND sealed_answer IS NULL',
        [caller, key],
      )
    },

    async deleteExpired(at, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM admin_idempotency_keys WHERE (caller, key) IN (
           SELECT caller, key FROM admin_idempotency_keys WHERE created_at < $1 LIMIT $2)`,
        [new Date(at.getTime() - REMEMBERED_MS), limit],
      )
      return rowCount ?? 0
    },
  }
}
