import type { TicketState } from '../sign-in/ticket-states.ts'
import type { TicketMiss } from '../sign-in/ticket-store.ts'

/** `expired` is not stored: it is what a ticket past its time is. */
export type StoredTicketState = Exclude<TicketState, 'expired'>

/** Why a ticket in some state cannot make the wanted move. */
const MISS_OF_STATE = {
  // it cannot answer before an agent has claimed it
  issued: 'not-found',
  claimed: 'claimed',
  answered: 'used',
  accepted: 'used',
  refused: 'used',
  completed: 'used',
} as const satisfies Record<StoredTicketState, TicketMiss>

export function missOfState(state: string, isExpired: boolean): TicketMiss {
  const miss = Object.hasOwn(MISS_OF_STATE, state) ? MISS_OF_STATE[state as StoredTicketState] : 'not-found'
  return isExpired && miss !== 'used' ? 'expired' : miss
}
