import type { GraphAct } from '../subject/graph/account-graph-store.ts'
import type { AccountNotice, AccountNotices } from '../subject/notice/account-notices.ts'
import { TOLD_REASONS } from '../subject/notice/told-reason.ts'
import type { Database } from './database.ts'

/** At one sign-in no more than these: the rest is at the person's own page. */
const AT_ONCE = 20

/** What people are told of what was done to their accounts, in PostgreSQL. */
export function createAccountNotices(database: Database): AccountNotices {
  const read = async (text: string, values: readonly unknown[]): Promise<readonly AccountNotice[]> => {
    const { rows } = await database.query<NoticeRow>(text, values)
    return rows.map((row) => ({
      operationId: row.operation_id,
      act: row.act,
      undone: row.undone ?? undefined,
      isOther: row.is_other,
      reason: TOLD_REASONS.find((one) => one === row.reason),
      at: row.at,
    }))
  }
  return {
    untold: (accountId) => read(noticesWhere('AND told_at IS NULL'), [accountId, AT_ONCE]),
    all: (accountId, limit) => read(noticesWhere(''), [accountId, limit]),

    async told(accountId, upTo, at) {
      await database.query(
        `UPDATE account_notices SET told_at = $3 FROM account_operations AS done
         WHERE account_notices.account_id IN (SELECT id FROM accounts WHERE $1 IN (id, merged_into)) AND told_at IS NULL
           AND done.id = operation_id AND done.sequence <= (SELECT sequence FROM account_operations WHERE id = $2)`,
        [accountId, upTo, at],
      )
    },
  }
}

/** Of two accounts that are one by now the one that was left tells it. */
function noticesWhere(condition: string): string {
  return `
    SELECT * FROM (
      SELECT DISTINCT ON (done.sequence) done.sequence, notice.operation_id, done.act, undone.act AS undone, notice.reason, done.at,
        notice.account_id IS NOT DISTINCT FROM done.other_account_id AS is_other
      FROM account_notices AS notice
      JOIN account_operations AS done ON done.id = notice.operation_id
      LEFT JOIN account_operations AS undone ON undone.id = done.undoes
      WHERE notice.account_id IN (SELECT id FROM accounts WHERE $1 IN (id, merged_into)) ${condition}
      ORDER BY done.sequence DESC, notice.account_id = $1 DESC
    ) AS told ORDER BY sequence DESC LIMIT $2`
}

interface NoticeRow {
  readonly operation_id: string
  readonly act: GraphAct
  readonly undone: GraphAct | null
  readonly is_other: boolean
  readonly reason: string | null
  readonly at: Date
}
