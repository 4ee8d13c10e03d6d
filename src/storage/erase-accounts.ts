import { Refusal } from '../error-registry/refusal.ts'
import { CLOSED_GRACE_MS } from '../subject/graph/change-account-status.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'
import { shareGraph } from './graph-lock.ts'

/**
 * Closed accounts whose grace has passed: their cards and everything by which these could be known again, what was agreed and what they
 * were linked to. Such a card is a stranger from then on, and may begin anew. The ids and subs stay, so that nobody else is ever given
 * one; the audit log stays as it is, and what was done by hand with it. Several processes may do it at once.
 *
 * One that cannot be erased does not keep the others: then each has a transaction of its own.
 *
 * @returns how many accounts, merged ones not counted
 * @throws what the first one failed with, after the others
 */
export async function eraseClosedAccounts(database: Database, now: Date, limit: number): Promise<number> {
  try {
    return await eraseTogether(database, now, limit)
  } catch (fault) {
    if (limit === 1 || (fault instanceof Refusal && fault.code === 'SERVER_STORAGE_UNAVAILABLE')) throw fault
    for (const id of await dueForErasure(database, now, limit)) {
      await eraseTogether(database, now, 1, id).catch(() => undefined)
    }
    throw fault
  }
}

async function dueForErasure(queryable: Queryable, now: Date, limit: number): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `SELECT id FROM accounts WHERE status = 'closed' AND erased_at IS NULL AND status_since < $1
     ORDER BY status_since LIMIT $2`,
    [new Date(now.getTime() - CLOSED_GRACE_MS), limit],
  )
  return rows.map(({ id }) => id)
}

function eraseTogether(database: Database, now: Date, limit: number, only?: string): Promise<number> {
  return database.transaction(async (transaction) => {
    // nobody reopens one meanwhile; first log-ins that follow one of its cards find it gone and look again
    await shareGraph(transaction)
    const { rows } = await transaction.query<{ id: string }>(
      `SELECT id FROM accounts WHERE status = 'closed' AND erased_at IS NULL AND status_since < $1
         AND id = coalesce($3::uuid, id) ORDER BY status_since LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [new Date(now.getTime() - CLOSED_GRACE_MS), limit, only],
    )
    if (rows.length > 0)
      await erase(
        transaction,
        rows.map(({ id }) => id),
        now,
      )
    return rows.length
  })
}

async function erase(transaction: Queryable, closed: readonly string[], at: Date): Promise<void> {
  const { rows } = await transaction.query<{ id: string }>(
    'UPDATE accounts SET erased_at = $2 WHERE id = ANY ($1) OR merged_into = ANY ($1) RETURNING id',
    [closed, at],
  )
  const family = rows.map(({ id }) => id)
  for (const statement of ERASE) await transaction.query(statement, [family])
  const events = closed.map((accountId) => ({ type: 'account.erased', accountId }) as const)
  await appendAuditEvents(transaction, events, at)
}

const THEIR_CREDENTIALS = '(SELECT id FROM credentials WHERE account_id = ANY ($1))'

/** In the order of the foreign keys. A table that gets an account's id is to be added here, or to those that stay. */
const ERASE = [
  'DELETE FROM admin_sessions WHERE account_id = ANY ($1)',
  `DELETE FROM hand_over_codes WHERE account_id = ANY ($1) OR credential_id IN ${THEIR_CREDENTIALS}`,
  `DELETE FROM credential_links WHERE newer_id IN ${THEIR_CREDENTIALS} OR older_id IN ${THEIR_CREDENTIALS}`,
  'DELETE FROM credentials WHERE account_id = ANY ($1)',
  'DELETE FROM merge_candidates WHERE account_id = ANY ($1) OR other_account_id = ANY ($1)',
  'DELETE FROM account_notices WHERE account_id = ANY ($1)',
  'DELETE FROM external_accounts WHERE account_id = ANY ($1)',
  'DELETE FROM consents WHERE account_id = ANY ($1)',
  'DELETE FROM admins WHERE account_id = ANY ($1)',
]
