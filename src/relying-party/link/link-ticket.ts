import type { ErrorCode } from '../../error-registry/registry.ts'

/** `open` until one of the others; nothing leads back. */
export const LINK_TICKET_STATES = ['open', 'linked', 'refused', 'stopped', 'cancelled'] as const
export type LinkTicketState = (typeof LINK_TICKET_STATES)[number]

/** Why a confirmed ticket links nothing: the card is another user of the site already, or the user has another card. */
export type LinkRefusalCode = Extract<ErrorCode, 'LINK_CARD_TAKEN' | 'LINK_USER_TAKEN'>

/** A site's wish that one of its users be linked to whoever signs in and confirms. */
export interface LinkTicket {
  readonly id: string
  readonly clientId: string
  /** What the site calls its user. */
  readonly externalId: string
  /** How the site names this user towards people. */
  readonly label: string | undefined
  /** Where the browser goes afterwards. */
  readonly returnUrl: string | undefined
  readonly state: LinkTicketState
  /** Of a refused one. */
  readonly code: LinkRefusalCode | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly endedAt: Date | undefined
}

/** The state as others are told it: an open ticket whose time is over is `expired`. */
export function stateAt({ state, expiresAt }: LinkTicket, now: Date): LinkTicketState | 'expired' {
  return state === 'open' && expiresAt <= now ? 'expired' : state
}

/** Why a ticket cannot be used any more; undefined: it can. */
export function whyOver(ticket: LinkTicket, now: Date): ErrorCode | undefined {
  switch (stateAt(ticket, now)) {
    case 'open':
      return undefined
    case 'expired':
      return 'LINK_TICKET_EXPIRED'
    case 'linked':
    case 'refused':
      return 'LINK_TICKET_USED'
    case 'stopped':
    case 'cancelled':
      return 'LINK_TICKET_CANCELLED'
  }
}
