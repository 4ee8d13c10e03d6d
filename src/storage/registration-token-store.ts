import type { RegistrationTokenStore } from '../relying-party/dynamic/registration-token.ts'
import type { Queryable } from './database.ts'

/** Initial access tokens in PostgreSQL. */
export function createRegistrationTokenStore(database: Queryable): RegistrationTokenStore {
  return {
    async insert({ digest, owner, usesLeft, createdAt, expiresAt }) {
      await database.query(
        `INSERT INTO registration_tokens (token_digest, owner, uses_left, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)`,
        [digest, owner, usesLeft, createdAt, expiresAt],
      )
    },

    async find(digest, at) {
      const { rows } = await database.query<{ owner: string }>(
        'SELECT owner FROM registration_tokens WHERE token_digest = $1 AND uses_left > 0 AND expires_at > $2',
        [digest, at],
      )
      return rows[0]
    },

    async take(digest, at) {
      const { rowCount } = await database.query(
        `UPDATE registration_tokens SET uses_left = uses_left - 1
         WHERE token_digest = $1 AND uses_left > 0 AND expires_at > $2`,
        [digest, at],
      )
      return rowCount === 1
    },

    async deleteExpired(at, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM registration_tokens WHERE token_digest IN (
           SELECT token_digest FROM registration_tokens WHERE expires_at <= $1 LIMIT $2)`,
        [at, limit],
      )
      return rowCount ?? 0
    },
  }
}
