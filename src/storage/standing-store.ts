import type { Standing } from '../oidc/find-account.ts'
import type { Database } from './database.ts'

/**
 * Whether an account may go on with what one of its cards was tapped for, in one indexed statement. A renewed card (`superseded`)
 * does not log anybody out; one that was revoked, unlinked, or moved to another account by a split does. After a merge the tokens of
 * the account that went stand with the one that is left.
 */
export function createStandingStore(database: Database): Standing {
  return {
    async isStanding(accountId, credentialId) {
      const { rowCount } = await database.query(
        `SELECT 1 FROM credentials JOIN accounts ON accounts.id = credentials.account_id
         WHERE credentials.id = $2 AND credentials.status IN ('current', 'superseded') AND accounts.status = 'active'
           AND (accounts.id = $1 OR EXISTS (
             SELECT 1 FROM accounts merged WHERE merged.id = $1 AND merged.status = 'merged' AND merged.merged_into = accounts.id
           ))`,
        [accountId, credentialId],
      )
      return rowCount === 1
    },
  }
}
