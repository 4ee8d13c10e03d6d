import { createHash } from 'node:crypto'
import type { Queryable } from './database.ts'
import { takeTurns } from './graph-lock.ts'

/** Whoever changes what one user of a site is linked to has the user for themselves: its tickets and its link are two tables. */
export function takeTurnsOverUser(transaction: Queryable, clientId: string, externalId: string): Promise<void> {
  return takeTurns(transaction, [createHash('sha256').update(`link ${clientId}\0${externalId}`, 'utf8').digest()])
}

/** Older invitations of the same user: none may bring back, or change, what was decided now. */
export async function cancelTicketsOfUser(
  transaction: Queryable,
  clientId: string,
  externalId: string,
  at: Date,
): Promise<void> {
  await transaction.query(
    `UPDATE link_tickets SET state = 'cancelled', ended_at = $3
     WHERE client_id = $1 AND external_id = $2 AND state = 'open'`,
    [clientId, externalId, at],
  )
}
