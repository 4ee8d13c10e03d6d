import { hash } from 'node:crypto'
import type { TranscriptContext } from '@sekisho/protocol'
import type { RevocationPolicy } from '../certificate/judgement.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { ACR_PHRH, ACR_UNCHECKED } from './authentication-context.ts'
import { createToken, digestToken, type RandomBytes } from './random-token.ts'
import { MAX_TICKETS_PER_INTERACTION, TICKET_LIFE_MS } from './ticket-states.ts'
import type { TicketStore } from './ticket-store.ts'

export interface OpenTicketRequest {
  readonly interactionId: string
  readonly clientId: string
  readonly relyingParty: { readonly name: string; readonly origin: string }
  readonly revocationPolicy: RevocationPolicy
  readonly locale: 'ja' | 'en'
}

export interface OpenTicketDependencies {
  readonly tickets: TicketStore
  readonly now: () => Date
  readonly random: RandomBytes
}

/**
 * Makes a ticket for a browser that is about to go to its agent.
 *
 * @returns the ticket id: 43 characters base64url, the only thing that travels through the browser
 * @throws Refusal SIGNIN_RATE_LIMITED when this interaction has opened too many
 */
export async function openTicket(deps: OpenTicketDependencies, request: OpenTicketRequest): Promise<string> {
  const id = createToken(deps.random)
  const context: TranscriptContext = {
    client_id: request.clientId,
    interaction: hash('sha256', request.interactionId, 'base64url'),
    acr: request.revocationPolicy === 'require-good' ? ACR_PHRH : ACR_UNCHECKED,
  }
  const created = await deps.tickets.create(
    digestToken(id),
    { ...request, nonce: createToken(deps.random), context: JSON.stringify(context) },
    {
      expiresAt: new Date(deps.now().getTime() + TICKET_LIFE_MS),
      maxPerInteraction: MAX_TICKETS_PER_INTERACTION,
    },
  )
  if (!created) throw new Refusal('SIGNIN_RATE_LIMITED', 'too many tickets for one interaction')
  return id
}
