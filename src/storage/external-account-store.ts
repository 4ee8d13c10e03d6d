import type { ExternalAccount, ExternalAccountStore } from '../relying-party/link/external-account-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'
import { shareGraph } from './graph-lock.ts'
import { cancelTicketsOfUser, takeTurnsOverUser } from './link-turns.ts'

/**
 * Whoever is one person with an account: the account itself or the one that it was merged into, and everything that was merged into that.
 * Links stay with the account that they were made for, so that undoing a merge parts them again.
 *
 * @param parameter of the statement, `$1`
 */
export function familyOf(parameter: string): string {
  return `(
    WITH living AS (SELECT coalesce(merged_into, id) AS id FROM accounts WHERE id = ${parameter})
    SELECT id FROM living UNION ALL SELECT accounts.id FROM accounts JOIN living ON accounts.merged_into = living.id
  )`
}

/** Links that stand, in PostgreSQL. One that is removed is gone; the audit log has that it was there. */
export function createExternalAccountStore(database: Database): ExternalAccountStore {
  return {
    externalIdOf: (accountId, clientId) => externalIdIn(database, { accountId, clientId }),

    async accountOf(clientId, externalId) {
      const { rows } = await database.query<{ id: string }>(
        `SELECT coalesce(merged_into, accounts.id) AS id FROM external_accounts
         JOIN accounts ON accounts.id = account_id
         WHERE client_id = $1 AND external_id = $2 AND unlinked_at IS NULL`,
        [clientId, externalId],
      )
      return rows[0]?.id
    },

    async ofAccount(accountId) {
      const { rows } = await database.query<LinkRow>(
        `${SELECT} WHERE account_id IN ${familyOf('$1')} AND unlinked_at IS NULL ORDER BY linked_at DESC, id DESC`,
        [accountId],
      )
      return rows.map(linkOf)
    },

    async list(clientId, { after, limit }) {
      const { rows } = await database.query<LinkRow>(
        `${SELECT} WHERE client_id = $1 AND unlinked_at IS NULL AND id > $2 ORDER BY id LIMIT $3`,
        [clientId, after ?? '0', limit],
      )
      return rows.map(linkOf)
    },

    remove: (name, at, actor) =>
      database.transaction(async (transaction) => {
        await shareGraph(transaction)
        const { clientId } = name
        const externalId = 'externalId' in name ? name.externalId : await externalIdIn(transaction, name)
        if (externalId === undefined) return false
        await takeTurnsOverUser(transaction, clientId, externalId)
        const { rows } = await transaction.query<{ account_id: string }>(
          `DELETE FROM external_accounts WHERE client_id = $1 AND external_id = $2 AND unlinked_at IS NULL
             AND ($3::uuid IS NULL OR account_id IN ${familyOf('$3::uuid')}) RETURNING account_id`,
          [clientId, externalId, 'accountId' in name ? name.accountId : null],
        )
        const [removed] = rows
        if (removed === undefined) return false
        await cancelTicketsOfUser(transaction, clientId, externalId, at)
        const event = { type: 'external_account.removed', accountId: removed.account_id, clientId } as const
        await appendAuditEvents(transaction, [event], at, actor)
        return true
      }),
  }
}

async function externalIdIn(
  database: Queryable,
  { accountId, clientId }: { readonly accountId: string; readonly clientId: string },
): Promise<string | undefined> {
  const { rows } = await database.query<{ external_id: string }>(
    `SELECT external_id FROM external_accounts
     WHERE client_id = $2 AND unlinked_at IS NULL AND account_id IN ${familyOf('$1')}`,
    [accountId, clientId],
  )
  return rows[0]?.external_id
}

const SELECT = 'SELECT id, client_id, external_id, linked_at FROM external_accounts'

interface LinkRow {
  readonly id: string
  readonly client_id: string
  readonly external_id: string
  readonly linked_at: Date
}

function linkOf(row: LinkRow): ExternalAccount {
  return { id: row.id, clientId: row.client_id, externalId: row.external_id, linkedAt: row.linked_at }
}
