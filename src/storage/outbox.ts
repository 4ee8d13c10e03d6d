import type { Database } from './database.ts'

/** A message that was taken to be sent. */
export interface OutboxMessage {
  readonly id: string
  readonly payload: unknown
  /** This one included. */
  readonly attempts: number
}

/** Messages to others, written with what caused them and kept until they arrive. What is in it can be seen with SQL. */
export interface Outbox {
  put(kind: string, payload: object): Promise<void>
  /**
   * Those that are due, oldest first. Whoever takes one has `leaseSeconds` to send it; then it is due again, so that none is lost with
   * a process. Two processes never take the same.
   */
  takeDue(
    kind: string,
    options: { readonly limit: number; readonly leaseSeconds: number },
  ): Promise<readonly OutboxMessage[]>
  /** It arrived. */
  finish(id: string): Promise<void>
  /** It did not. @param nextAt when to try again; undefined: never, it stays to be seen */
  fail(id: string, error: string, nextAt: Date | undefined): Promise<void>
  /** How much is in it that did not arrive: still tried, and given up. */
  depth(): Promise<{ readonly waiting: number; readonly givenUp: number }>
  /** Removes what arrived before then. @returns how many */
  deleteDone(before: Date, limit: number): Promise<number>
}

export function createOutbox({ database, now }: { readonly database: Database; readonly now: () => Date }): Outbox {
  return {
    async put(kind, payload) {
      await database.query('INSERT INTO outbox (kind, payload, created_at, next_attempt_at) VALUES ($1, $2, $3, $3)', [
        kind,
        JSON.stringify(payload),
        now(),
      ])
    },

    async takeDue(kind, { limit, leaseSeconds }) {
      const at = now()
      const { rows } = await database.query<OutboxMessage>(
        `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $3 WHERE id IN (
           SELECT id FROM outbox WHERE kind = $1 AND done_at IS NULL AND next_attempt_at <= $2
           ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED
         ) RETURNING id::text, payload, attempts`,
        [kind, at, new Date(at.getTime() + leaseSeconds * 1000), limit],
      )
      return rows
    },

    async finish(id) {
      await database.query('UPDATE outbox SET done_at = $2, last_error = NULL WHERE id = $1', [id, now()])
    },

    async fail(id, error, nextAt) {
      await database.query('UPDATE outbox SET last_error = $2, next_attempt_at = $3 WHERE id = $1', [
        id,
        error,
        nextAt ?? 'infinity',
      ])
    },

    async depth() {
      // by the partial index of what is due; what was given up is due at infinity
      const { rows } = await database.query<{ waiting: number; givenUp: number }>(
        `SELECT count(*) FILTER (WHERE next_attempt_at < 'infinity')::int AS waiting,
                count(*) FILTER (WHERE next_attempt_at = 'infinity')::int AS "givenUp"
         FROM outbox WHERE done_at IS NULL`,
      )
      return rows[0] ?? { waiting: 0, givenUp: 0 }
    },

    async deleteDone(before, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM outbox WHERE id IN (
           SELECT id FROM outbox WHERE done_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
         )`,
        [before, limit],
      )
      return rowCount ?? 0
    },
  }
}
