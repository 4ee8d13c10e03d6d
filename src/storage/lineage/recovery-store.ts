import { STANDS } from '../admin-store.ts'
import { appendAuditEvents } from '../audit-log.ts'
import type { Database, Queryable } from '../database.ts'
import { lockGraph } from '../graph-lock.ts'
import { endWhatIsShortLived } from '../short-lived/move-place.ts'
import { acceptLineage } from './accept-lineage.ts'

/** What “sekisho recover” does to rows. */
export interface RecoveryStore {
  /** @returns those of the numbers that no event of this database has; what is older than its first one was taken out for its age */
  findLost(sequences: readonly string[]): Promise<ReadonlySet<string>>
  /** When the last event of this database was written. */
  lastEventAt(): Promise<Date | undefined>
  /** @returns how many were current until now */
  supersede(credentialIds: readonly string[]): Promise<number>
  /** What people agreed at a site is asked again. */
  withdrawConsents(pairs: readonly { readonly accountId: string; readonly clientId: string }[], at: Date): Promise<void>
  /** Links of users of sites, which were removed since: to be made again if somebody still wants them. */
  removeLinks(pairs: readonly { readonly accountId: string; readonly clientId: string }[]): Promise<void>
  /** Owners who can sign in, and nobody else is one: they are none any more. @returns their accounts */
  removeOwners(at: Date): Promise<readonly string[]>
  /** Takes the database for what it is, in one transaction with `work`. */
  accept<Result>(at: Date, work: (transaction: Queryable) => Promise<Result>): Promise<Result>
}

export function createRecoveryStore(database: Database): RecoveryStore {
  return {
    async findLost(sequences) {
      const { rows } = await database.query<{ sequence: string }>(
        `SELECT number AS sequence FROM unnest($1::text[]) AS number
         WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE audit_events.sequence = number::bigint)
           AND number::bigint > coalesce((SELECT min(sequence) FROM audit_events), 0)`,
        [sequences],
      )
      return new Set(rows.map(({ sequence }) => sequence))
    },

    async lastEventAt() {
      const { rows } = await database.query<{ at: Date }>('SELECT at FROM audit_events ORDER BY sequence DESC LIMIT 1')
      return rows[0]?.at
    },

    async supersede(credentialIds) {
      const { rowCount } = await database.query(
        `UPDATE credentials SET status = 'superseded' WHERE id = ANY($1::uuid[]) AND status = 'current'`,
        [credentialIds],
      )
      return rowCount ?? 0
    },

    async withdrawConsents(pairs, at) {
      await database.query(
        `UPDATE consents SET revoked_at = $3 FROM unnest($1::uuid[], $2::text[]) AS taken (account_id, client_id)
         WHERE consents.account_id = taken.account_id AND consents.client_id = taken.client_id AND revoked_at IS NULL`,
        [pairs.map(({ accountId }) => accountId), pairs.map(({ clientId }) => clientId), at],
      )
    },

    async removeLinks(pairs) {
      await database.query(
        `DELETE FROM external_accounts USING unnest($1::uuid[], $2::text[]) AS gone (account_id, client_id)
         WHERE external_accounts.account_id = gone.account_id AND external_accounts.client_id = gone.client_id`,
        [pairs.map(({ accountId }) => accountId), pairs.map(({ clientId }) => clientId)],
      )
    },

    removeOwners: (at) =>
      database.transaction(async (transaction) => {
        await lockGraph(transaction)
        const { rows } = await transaction.query<{ account_id: string }>(
          `DELETE FROM admins WHERE role = 'owner' AND ${STANDS} RETURNING account_id`,
        )
        const removed = rows.map((row) => row.account_id)
        await transaction.query('DELETE FROM admin_sessions WHERE account_id = ANY ($1)', [removed])
        const events = removed.map((accountId) => ({ type: 'admin.removed', accountId, role: 'owner' }) as const)
        await appendAuditEvents(transaction, events, at, 'operator')
        return removed
      }),

    accept: (at, work) =>
      database.transaction(async (transaction) => {
        const result = await work(transaction)
        await acceptLineage(transaction, at)
        return result
      }),
  }
}

/**
 * Whatever was used or revoked since the backup would be good again, and nobody can tell which: so all of it ends. Sessions, interactions,
 * codes, tokens, grants, tickets of sign-ins and of links, choices, hand-over codes and initial access tokens, in PostgreSQL and in Redis.
 * Notices to sites stay: told twice does no harm.
 *
 * @returns how many rows of PostgreSQL
 */
export async function endEverythingShortLived(transaction: Queryable, at: Date): Promise<number> {
  const ended = await endWhatIsShortLived(transaction, at)
  const { rowCount: tokens } = await transaction.query('DELETE FROM registration_tokens')
  const { rowCount: links } = await transaction.query('DELETE FROM link_tickets')
  // who was let into the console, and whoever still holds an invitation; with a session goes what waits for a tap
  let ofConsole = 0
  for (const table of ['admin_sign_ins', 'admin_sessions', 'admin_invitations', 'admin_idempotency_keys']) {
    const { rowCount } = await transaction.query(`DELETE FROM ${table}`)
    ofConsole += rowCount ?? 0
  }
  const { rowCount: codes } = await transaction.query(
    'UPDATE hand_over_codes SET replaced_at = $1 WHERE redeemed_at IS NULL AND replaced_at IS NULL',
    [at],
  )
  // one that was rejected or withdrawn since must not be approved
  const { rowCount: proposals } = await transaction.query(
    `UPDATE link_proposals SET state = 'expired', closed_at = $1, closed_by = 'operator' WHERE state = 'open'`,
    [at],
  )
  return ended + ofConsole + (tokens ?? 0) + (links ?? 0) + (codes ?? 0) + (proposals ?? 0)
}
