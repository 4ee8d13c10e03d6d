import type { Standing } from '../oidc/find-account.ts'
import type { Database } from './database.ts'

/**
 * Whether an account may go on with what one of its cards was tapped for, in one indexed statement. A renewed card (`superseded`)
 * does not log anybody out; one that was revoked, unlinked, or moved to another account by a split does. After a merge the tokens of
 * the account that went stand with the one that is left.
 */
export function createStandingStore(database: Database): Standing {
  return {
    async signOutsOf(accountId, credentialId, askedFor, grantedAt) {
      const { rows } = await database.query<{ sign_outs: number }>(
        `SELECT asked.sign_outs + credentials.sign_outs AS sign_outs FROM credentials
         JOIN accounts AS home ON home.id = credentials.account_id
         JOIN accounts AS asked ON asked.id = $1
         JOIN accounts AS living ON living.id = coalesce(asked.merged_into, asked.id)
         WHERE credentials.id = $2 AND credentials.status IN ('current', 'superseded')
           AND coalesce(home.merged_into, home.id) = living.id AND living.status = 'active'
           AND ($3::text IS NULL OR NOT ${WITHDRAWN})`,
        [accountId, credentialId, askedFor, grantedAt],
      )
      return rows[0]?.sign_outs
    },
  }
}

/**
 * There was a consent, and none stands any more, or another one than that by which the token was given: what was agreed to anew does not
 * bring back what was granted before. A token says its second only. Where there never was a consent, tokens are older than the first
 * (migration 0009).
 */
const WITHDRAWN = `coalesce((
  SELECT bool_and(revoked_at IS NOT NULL) OR bool_or(revoked_at >= to_timestamp($4::bigint) + interval '1 second') FROM consents
  WHERE client_id = $3 AND account_id IN (SELECT given.id FROM accounts given WHERE given.id = $1 OR given.merged_into = $1)
), false)`
