import type { AuditActor } from '../../audit/audit-event.ts'
import type { Digest } from '../../sign-in/ticket-store.ts'
import type { LinkRefusalCode, LinkTicket } from './link-ticket.ts'

export interface NewLinkTicket extends Omit<LinkTicket, 'state' | 'code' | 'endedAt'> {
  readonly secret: Digest
  /** SHA-256 of the site's key for this request, and of the request. */
  readonly idempotency: { readonly key: Uint8Array; readonly request: Uint8Array } | undefined
  readonly actor: AuditActor
}

export type InsertedLinkTicket =
  /** `repeated`: there was one of this key and request; it has one more address now. */
  | { readonly outcome: 'made'; readonly ticket: LinkTicket }
  | { readonly outcome: 'repeated'; readonly ticket: LinkTicket }
  /** The key came with another request. Or: the ticket has `MAX_ADDRESSES` already. */
  | { readonly outcome: 'mismatch' }
  | { readonly outcome: 'too-often' }

export type Confirmation =
  /** `already`: the two were linked before. */
  | { readonly outcome: 'linked'; readonly already: boolean }
  | { readonly outcome: 'refused'; readonly code: LinkRefusalCode }
  /** Used, stopped, cancelled or expired by now. */
  | { readonly outcome: 'over' }
  /** Suspended or closed meanwhile. */
  | { readonly outcome: 'no-account' }

/** So often may one request be repeated. */
export const MAX_ADDRESSES = 10

/** Port. What changes something writes its audit event in the same transaction. */
export interface LinkTicketStore {
  insert(ticket: NewLinkTicket): Promise<InsertedLinkTicket>
  find(id: string): Promise<LinkTicket | undefined>
  /** Reading uses nothing up: whatever fetches addresses to show a preview of them may do so. */
  findBySecret(secret: Digest): Promise<LinkTicket | undefined>
  /** @returns false when it was over already */
  end(id: string, how: 'stopped' | 'cancelled', at: Date, actor: AuditActor): Promise<boolean>
  /** Takes the ticket and links, or refuses for good, in one transaction that unique indexes decide. */
  confirm(request: { readonly id: string; readonly accountId: string; readonly at: Date }): Promise<Confirmation>
  /** Those whose time was over a day before `now`. @returns how many */
  deleteExpired(now: Date, limit: number): Promise<number>
}
