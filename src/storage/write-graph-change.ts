import type { AuditActor } from '../audit/audit-event.ts'
import type { GraphChange } from '../subject/graph/graph-change.ts'
import { insertLink } from './chain-store.ts'
import type { Queryable } from './database.ts'

/** Writes one change of an operation. The caller holds the graph alone, and decided on what it read under that lock. */
export async function writeGraphChange(
  transaction: Queryable,
  change: GraphChange,
  { at, actor }: { readonly at: Date; readonly actor: AuditActor },
): Promise<void> {
  switch (change.kind) {
    case 'account':
      await transaction.query('UPDATE accounts SET status = $2, merged_into = $3, status_since = $4 WHERE id = $1', [
        change.accountId,
        change.after.status,
        change.after.mergedInto,
        at,
      ])
      return
    case 'account-added':
      await transaction.query(`INSERT INTO accounts (id, status, created_at) VALUES ($1, 'active', $2)`, [
        change.accountId,
        at,
      ])
      return
    case 'credential':
      // in another account it has to be asked anew what came before it
      await transaction.query(
        `UPDATE credentials SET status = $3, account_id = $2,
           traced_at = CASE WHEN account_id = $2 THEN traced_at END
         WHERE id = $1`,
        [change.credentialId, change.after.accountId, change.after.status],
      )
      return
    case 'link-added':
      await insertLink(transaction, { ...change, evidence: {} }, at, actor)
      return
    case 'link-undone':
      await transaction.query(
        'UPDATE credential_links SET undone_at = $3 WHERE newer_id = $1 AND older_id = $2 AND undone_at IS NULL',
        [change.newerId, change.olderId, at],
      )
      return
    case 'subject-inherited':
      await transaction.query('INSERT INTO inherited_subjects (account_id, sector, sub, at) VALUES ($1, $2, $3, $4)', [
        change.accountId,
        change.sector,
        change.sub,
        at,
      ])
      return
    case 'subject-disinherited':
      await transaction.query(
        'UPDATE inherited_subjects SET undone_at = $3 WHERE account_id = $1 AND sector = $2 AND undone_at IS NULL',
        [change.accountId, change.sector, at],
      )
  }
}
