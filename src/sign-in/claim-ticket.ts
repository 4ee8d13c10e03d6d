import { FORMAT, type TicketMessage } from '@sekisho/protocol'
import { Refusal } from '../error-registry/refusal.ts'
import { digestToken, isToken } from './random-token.ts'
import { refuseMiss } from './refuse-miss.ts'
import { CLAIMED_LIFE_MS } from './ticket-states.ts'
import type { TicketStore } from './ticket-store.ts'

/**
 * Hands the ticket to the first agent that asks; to a second one never (protocol.md: "first fetch claims it").
 *
 * @throws Refusal SIGNIN_TICKET_MALFORMED | _NOT_FOUND | _CLAIMED | _USED | _EXPIRED
 */
export async function claimTicket(
  deps: { readonly tickets: TicketStore; readonly now: () => Date },
  ticketId: string,
): Promise<TicketMessage> {
  if (!isToken(ticketId)) throw new Refusal('SIGNIN_TICKET_MALFORMED')
  const now = deps.now()
  const claimed = await deps.tickets.claim(digestToken(ticketId), {
    now,
    expiresAt: new Date(now.getTime() + CLAIMED_LIFE_MS),
  })
  if (typeof claimed === 'string') return refuseMiss(claimed)
  const { ticket, expiresAt } = claimed
  return {
    format: FORMAT,
    nonce: ticket.nonce,
    context: ticket.context,
    relying_party: ticket.relyingParty,
    locale: ticket.locale,
    expires_at: expiresAt.toISOString(),
  }
}
