import type { HandOverStore } from '../subject/hand-over/hand-over-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import { insertLink } from './chain-store.ts'
import type { Database } from './database.ts'
import { shareGraph } from './graph-lock.ts'
import { insertCredentials } from './insert-credentials.ts'
import { unlessOutpaced } from './outpaced.ts'

/** Hand-over codes in PostgreSQL. */
export function createHandOverStore(database: Database): HandOverStore {
  return {
    create: ({ digest, credentialId, at }, graceMs, eventsFor) =>
      database.transaction(async (transaction) => {
        await shareGraph(transaction)
        // locked, so that of two codes made at once one replaces the other
        const { rows } = await transaction.query<{ account_id: string; not_after: Date }>(
          `SELECT coalesce(survivor.id, home.id) AS account_id, credentials.not_after
           FROM credentials
           JOIN accounts AS home ON home.id = credentials.account_id
           LEFT JOIN accounts AS survivor ON survivor.id = home.merged_into
           WHERE credentials.id = $1 AND credentials.status = 'current' AND credentials.not_after IS NOT NULL
             AND coalesce(survivor.status, home.status) = 'active' AND ${OF_NO_ADMINISTRATOR}
           FOR UPDATE OF credentials`,
          [credentialId],
        )
        const [row] = rows
        if (row === undefined) return undefined
        const accountId = row.account_id
        const expiresAt = new Date(row.not_after.getTime() + graceMs)
        await transaction.query(
          `UPDATE hand_over_codes SET replaced_at = $2
           WHERE credential_id = $1 AND redeemed_at IS NULL AND replaced_at IS NULL`,
          [credentialId, at],
        )
        await transaction.query(
          `INSERT INTO hand_over_codes (code_digest, account_id, credential_id, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5)`,
          [digest, accountId, credentialId, at, expiresAt],
        )
        await appendAuditEvents(transaction, eventsFor({ accountId }), at)
        return { accountId, expiresAt }
      }),

    async redeem(digest, newer, at, eventsFor) {
      const redemption = await unlessOutpaced(database, async (transaction) => {
        await shareGraph(transaction)
        const { rows } = await transaction.query<RedeemedRow>(REDEEM, [digest, at, newer.kind])
        const [row] = rows
        if (row === undefined) return { outcome: 'invalid' } as const
        const { older_id: olderId, home_id: homeId, account_id: accountId, is_replaced: isReplaced } = row
        await insertCredentials(transaction, homeId, newer, [], at)
        const link = { newerId: newer.credentialId, olderId, relation: 'hand_over', evidence: {} } as const
        await insertLink(transaction, link, at)
        await appendAuditEvents(transaction, eventsFor({ accountId, olderId, isReplaced }), at)
        return { outcome: 'redeemed', accountId, credentialId: newer.credentialId } as const
      })
      return redemption ?? { outcome: 'outpaced' }
    },

    async deleteSpent(now, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM hand_over_codes WHERE code_digest IN (
           SELECT code_digest FROM hand_over_codes
           WHERE expires_at <= $1 OR redeemed_at IS NOT NULL OR replaced_at IS NOT NULL LIMIT $2 FOR UPDATE SKIP LOCKED
         )`,
        [now, limit],
      )
      return rowCount ?? 0
    },

    async standing(credentialId, now) {
      const { rows } = await database.query<{ created_at: Date; expires_at: Date }>(
        `SELECT created_at, expires_at FROM hand_over_codes
         WHERE credential_id = $1 AND redeemed_at IS NULL AND replaced_at IS NULL AND expires_at > $2`,
        [credentialId, now],
      )
      return rows[0] && { createdAt: rows[0].created_at, expiresAt: rows[0].expires_at }
    },
  }
}

interface RedeemedRow {
  readonly older_id: string
  readonly home_id: string
  readonly account_id: string
  readonly is_replaced: boolean
}

/**
 * Whoever has a code has the account: it would give a role to a card that nobody appointed, months after the tap that it was made with
 * (docs/adr/0018).
 */
const OF_NO_ADMINISTRATOR = 'NOT EXISTS (SELECT FROM admins WHERE admins.account_id = coalesce(survivor.id, home.id))'

/**
 * One statement takes the code and the place of the old credential. A code of an account that may not be signed in to, or has a role, or of
 * a credential that was replaced or taken out by other means, is worth nothing; it is not used up by trying.
 */
const REDEEM = `
  WITH standing AS (
    SELECT codes.code_digest, credentials.id AS older_id, credentials.kind = $3 AS is_replaced, home.id AS home_id, coalesce(survivor.id, home.id) AS account_id
    FROM hand_over_codes AS codes
    JOIN credentials ON credentials.id = codes.credential_id
    JOIN accounts AS home ON home.id = credentials.account_id
    LEFT JOIN accounts AS survivor ON survivor.id = home.merged_into
    WHERE codes.code_digest = $1 AND codes.expires_at > $2 AND codes.redeemed_at IS NULL AND codes.replaced_at IS NULL
      AND credentials.status = 'current' AND coalesce(survivor.status, home.status) = 'active' AND ${OF_NO_ADMINISTRATOR}
    FOR UPDATE OF codes, credentials
  ), taken AS (
    UPDATE hand_over_codes SET redeemed_at = $2 FROM standing
    WHERE hand_over_codes.code_digest = standing.code_digest
      AND hand_over_codes.redeemed_at IS NULL AND hand_over_codes.replaced_at IS NULL
    RETURNING standing.older_id, standing.home_id, standing.account_id, standing.is_replaced
  ), older AS (
    UPDATE credentials SET status = 'superseded' FROM taken WHERE credentials.id = taken.older_id AND taken.is_replaced
  )
  SELECT older_id, home_id, account_id, is_replaced FROM taken`
