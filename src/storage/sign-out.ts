import type { Queryable } from './database.ts'

/** Ends every session and grant of an account, with all codes and tokens of those grants. */
export async function signOut(transaction: Queryable, accountId: string): Promise<void> {
  await transaction.query(
    `WITH gone AS (
       DELETE FROM oidc_artifacts WHERE model IN ('Session', 'Grant') AND payload ->> 'accountId' = $1
       RETURNING grant_digest
     )
     DELETE FROM oidc_artifacts WHERE grant_digest IN (SELECT grant_digest FROM gone)`,
    [accountId],
  )
}
