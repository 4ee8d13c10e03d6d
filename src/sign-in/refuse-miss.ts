import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { TicketMiss } from './ticket-store.ts'

const CODE_OF_MISS = {
  'not-found': 'SIGNIN_TICKET_NOT_FOUND',
  claimed: 'SIGNIN_TICKET_CLAIMED',
  used: 'SIGNIN_TICKET_USED',
  expired: 'SIGNIN_TICKET_EXPIRED',
} as const satisfies Record<TicketMiss, ErrorCode>

/** @throws Refusal always: the code that belongs to the miss */
export function refuseMiss(miss: TicketMiss): never {
  throw new Refusal(CODE_OF_MISS[miss])
}
