import type { MergeCandidates } from '../administration/account/merge-candidates.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { refuseOperation } from '../subject/graph/find-in-snapshot.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database } from './database.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** As the audit log keeps it. */
const MAX_REASON = 1000

export function createMergeCandidates(database: Database): MergeCandidates {
  return {
    async open({ after, limit }) {
      const { rows } = await database.query<CandidateRow>(OPEN, [
        after !== undefined && UUID.test(after) ? after : null,
        limit,
      ])
      return rows.map((row) => ({
        id: row.id,
        accountId: row.account_id,
        otherAccountId: row.other_account_id,
        foundAt: row.found_at,
        dismissedBefore:
          row.dismissed_at === null ? undefined : { at: row.dismissed_at, reason: row.dismissed_reason ?? '' },
      }))
    },

    async countOpen() {
      const { rows } = await database.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM merge_candidates WHERE settled_at IS NULL',
      )
      return rows[0]?.count ?? 0
    },

    async dismiss(id, by, reason, at) {
      if (!UUID.test(id)) throw new Refusal('ADMIN_CANDIDATE_NOT_FOUND')
      if (reason.trim() === '' || reason.length > MAX_REASON)
        refuseOperation(`a reason has 1 to ${MAX_REASON} characters`)
      await database.transaction(async (transaction) => {
        // one statement decides between several who look at it, and a merge that settles it
        const { rows } = await transaction.query<Pick<CandidateRow, 'account_id' | 'other_account_id'>>(
          `UPDATE merge_candidates SET settled_at = $2, dismissed_by = $3, dismissed_reason = $4
           WHERE id = $1 AND settled_at IS NULL RETURNING account_id, other_account_id`,
          [id, at, by.actor, reason],
        )
        const [row] = rows
        if (row === undefined) throw new Refusal('ADMIN_CANDIDATE_NOT_FOUND')
        const { account_id: accountId, other_account_id: otherAccountId } = row
        const { rowCount } = await transaction.query(
          'SELECT FROM accounts WHERE id = ANY ($1) AND $2::uuid IN (id, merged_into)',
          [[accountId, otherAccountId], by.accountId],
        )
        if (rowCount !== 0) throw new Refusal('ADMIN_OWN_ACCOUNT')
        const event = { type: 'merge_candidate.dismissed', accountId, otherAccountId, reason } as const
        await appendAuditEvents(transaction, [event], at, by.actor)
      })
    },
  }
}

/** Each pair as what the two lead to now, and when the same two were last dismissed. */
const OPEN = `
  SELECT found.id, coalesce(one.merged_into, one.id) AS account_id, coalesce(other.merged_into, other.id) AS other_account_id,
    found.found_at, dismissed.settled_at AS dismissed_at, dismissed.dismissed_reason
  FROM merge_candidates AS found
  JOIN accounts AS one ON one.id = found.account_id
  JOIN accounts AS other ON other.id = found.other_account_id
  LEFT JOIN LATERAL (
    SELECT settled_at, dismissed_reason FROM merge_candidates AS before
    WHERE before.dismissed_by IS NOT NULL
      AND least(before.account_id, before.other_account_id) = least(found.account_id, found.other_account_id)
      AND greatest(before.account_id, before.other_account_id) = greatest(found.account_id, found.other_account_id)
    ORDER BY settled_at DESC LIMIT 1
  ) AS dismissed ON true
  WHERE found.settled_at IS NULL
    AND ($1::uuid IS NULL OR (found.found_at, found.id) > (SELECT found_at, id FROM merge_candidates WHERE id = $1))
  ORDER BY found.found_at, found.id LIMIT $2`

interface CandidateRow {
  readonly id: string
  readonly account_id: string
  readonly other_account_id: string
  readonly found_at: Date
  readonly dismissed_at: Date | null
  readonly dismissed_reason: string | null
}
