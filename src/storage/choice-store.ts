import type { ChoiceStore } from '../sign-in/choice-store.ts'
import type { Database } from './database.ts'

/** Pending choices in PostgreSQL. */
export function createChoiceStore(database: Database): ChoiceStore {
  return {
    async put(tokenDigest, { interactionId, clientId, sealedEvidence, triesLeft, expiresAt }) {
      await database.query(
        `INSERT INTO pending_choices (token_digest, interaction_id, client_id, sealed_evidence, tries_left, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [tokenDigest, interactionId, clientId, sealedEvidence, triesLeft, expiresAt],
      )
    },

    async take(tokenDigest, now) {
      const { rows } = await database.query<ChoiceRow>(
        `DELETE FROM pending_choices WHERE token_digest = $1 AND expires_at > $2
         RETURNING interaction_id, client_id, sealed_evidence, tries_left, expires_at`,
        [tokenDigest, now],
      )
      const [row] = rows
      return (
        row && {
          interactionId: row.interaction_id,
          clientId: row.client_id,
          sealedEvidence: row.sealed_evidence,
          triesLeft: row.tries_left,
          expiresAt: row.expires_at,
        }
      )
    },

    async deleteExpired(now, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM pending_choices WHERE token_digest IN (
           SELECT token_digest FROM pending_choices WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
         )`,
        [now, limit],
      )
      return rowCount ?? 0
    },
  }
}

interface ChoiceRow {
  readonly interaction_id: string
  readonly client_id: string
  readonly sealed_evidence: Buffer
  readonly tries_left: number
  readonly expires_at: Date
}
