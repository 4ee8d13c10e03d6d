/**
 * The life of one ticket. Each arrow is one conditional statement in the store; there is no other way to move.
 *
 * issued    the browser was sent to its agent
 * claimed   an agent fetched the ticket; the person sees who asks
 * answered  the nonce is taken: whatever comes next, this ticket never answers again
 * accepted  the certificate and its signature were judged good; waits for the browser that began
 * refused   judged and refused, or the agent reported why it could not sign; waits for the same browser
 * completed the completion code was presented, by the right browser or a wrong one
 */
export const NEXT_TICKET_STATES = {
  issued: ['claimed', 'expired'],
  claimed: ['answered', 'expired'],
  answered: ['accepted', 'refused', 'expired'],
  accepted: ['completed', 'expired'],
  refused: ['completed', 'expired'],
  completed: [],
  expired: [],
} as const satisfies Record<string, readonly string[]>

export type TicketState = keyof typeof NEXT_TICKET_STATES

/** Life of a ticket from its making, whatever happens (protocol.md "Rules for the provider"). */
export const TICKET_LIFE_MS = 300_000
/** Life of its nonce from the moment an agent shows it to the person. */
export const CLAIMED_LIFE_MS = 120_000
/** Life of a completion code: one redirect of the same browser. */
export const COMPLETION_LIFE_MS = 60_000
/** Tickets that one interaction may open; each costs the person a deliberate click. */
export const MAX_TICKETS_PER_INTERACTION = 10
