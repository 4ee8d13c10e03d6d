import type { Confirmation } from '../relying-party/link/link-ticket-store.ts'
import type { LinkRefusalCode } from '../relying-party/link/link-ticket.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Queryable } from './database.ts'
import { familyOf } from './external-account-store.ts'
import { shareGraph } from './graph-lock.ts'
import { cancelTicketsOfUser, takeTurnsOverUser } from './link-turns.ts'
import { Outpaced } from './outpaced.ts'

/**
 * Takes a ticket and links its user to a person. Two unique indexes decide among all that do so at once: one of a site's users is one
 * person, and one person is one of its users. Merges and splits wait meanwhile, so “the person” is one account throughout.
 */
export async function confirmLink(
  transaction: Queryable,
  { id, accountId, at }: { readonly id: string; readonly accountId: string; readonly at: Date },
): Promise<Confirmation> {
  await shareGraph(transaction)
  const { rows: accounts } = await transaction.query<{ id: string }>(
    `SELECT living.id FROM accounts asked JOIN accounts living ON living.id = coalesce(asked.merged_into, asked.id)
     WHERE asked.id = $1 AND living.status = 'active'`,
    [accountId],
  )
  const living = accounts[0]?.id
  if (living === undefined) return { outcome: 'no-account' }

  const { rows: asked } = await transaction.query<{ client_id: string; external_id: string }>(
    'SELECT client_id, external_id FROM link_tickets WHERE id = $1',
    [id],
  )
  const [ticket] = asked
  if (ticket === undefined) return { outcome: 'over' }
  const { client_id: clientId, external_id: externalId } = ticket
  await takeTurnsOverUser(transaction, clientId, externalId)
  const { rowCount: taken } = await transaction.query(
    `UPDATE link_tickets SET state = 'linked', ended_at = $2 WHERE id = $1 AND state = 'open' AND expires_at > $2`,
    [id, at],
  )
  if (taken !== 1) return { outcome: 'over' }
  const event = { accountId: living, clientId, ticketId: id }

  // an account that was merged into this one may have a link of its own
  const { rowCount: inserted } = await transaction.query(
    `INSERT INTO external_accounts (client_id, external_id, account_id, linked_at)
     SELECT $2, $3, $1, $4 WHERE NOT EXISTS (
       SELECT FROM external_accounts WHERE client_id = $2 AND unlinked_at IS NULL AND account_id IN ${familyOf('$1')}
     ) ON CONFLICT DO NOTHING`,
    [living, clientId, externalId, at],
  )
  const standing = inserted === 1 ? undefined : await conflictOf(transaction, { living, clientId, externalId })
  if (standing !== undefined && standing !== 'same') {
    await transaction.query(`UPDATE link_tickets SET state = 'refused', refusal_code = $2 WHERE id = $1`, [
      id,
      standing,
    ])
    await appendAuditEvents(transaction, [{ type: 'link_ticket.refused', ...event, code: standing }], at)
    return { outcome: 'refused', code: standing }
  }
  await cancelTicketsOfUser(transaction, clientId, externalId, at)
  const already = standing === 'same'
  await appendAuditEvents(transaction, [{ type: 'external_account.linked', ...event, already }], at)
  return { outcome: 'linked', already }
}

/** What stood in the way of the row. @throws Outpaced when it is gone again */
async function conflictOf(
  transaction: Queryable,
  { living, clientId, externalId }: { readonly living: string; readonly clientId: string; readonly externalId: string },
): Promise<LinkRefusalCode | 'same'> {
  const { rows } = await transaction.query<{ external_id: string; is_own: boolean }>(
    `SELECT external_id, account_id IN ${familyOf('$1')} AS is_own FROM external_accounts
     WHERE client_id = $2 AND unlinked_at IS NULL AND (external_id = $3 OR account_id IN ${familyOf('$1')})`,
    [living, clientId, externalId],
  )
  const own = rows.find(({ is_own: isOwn }) => isOwn)
  if (own?.external_id === externalId) return 'same'
  if (own !== undefined) return 'LINK_CARD_TAKEN'
  if (rows.length > 0) return 'LINK_USER_TAKEN'
  throw new Outpaced()
}
