import type { ErrorCode } from '../error-registry/registry.ts'
import type { RevocationPolicy } from '../certificate/judgement.ts'

/** SHA-256 of a ticket id or a completion code; the text itself is never stored. */
export type Digest = Uint8Array & { readonly __brand: 'Digest' }

/** What is fixed when a ticket is made. */
export interface Ticket {
  /** Id of the oidc-provider interaction; its cookie names the browser. */
  readonly interactionId: string
  readonly clientId: string
  /** 43 characters base64url. */
  readonly nonce: string
  /** Exactly the text that is sent and signed. */
  readonly context: string
  readonly relyingParty: { readonly name: string; readonly origin: string }
  readonly locale: 'ja' | 'en'
  readonly revocationPolicy: RevocationPolicy
}

/** Why a ticket could not be taken; told apart only after the one conditional statement moved nothing. */
export type TicketMiss = 'not-found' | 'claimed' | 'used' | 'expired'

/** How the answer was judged. `sealedEvidence` is encrypted (sealing/): no store ever sees a serial. */
export type TicketOutcome =
  | { readonly state: 'accepted'; readonly sealedEvidence: Uint8Array }
  | { readonly state: 'refused'; readonly code: ErrorCode }

/**
 * Tickets, short-lived. Every method that moves a ticket is one conditional statement (style.md 9):
 * of N parallel callers exactly one gets it. Rows past `expiresAt` are treated as gone.
 */
export interface TicketStore {
  /**
   * state `issued`, expires at `expiresAt`.
   * @returns false when the interaction already has `maxPerInteraction` tickets (none is added)
   */
  create(idDigest: Digest, ticket: Ticket, limits: { expiresAt: Date; maxPerInteraction: number }): Promise<boolean>

  /** issued → claimed; the expiry becomes the earlier of its own and `expiresAt`. */
  claim(
    idDigest: Digest,
    times: { now: Date; expiresAt: Date },
  ): Promise<{ readonly ticket: Ticket; readonly expiresAt: Date } | TicketMiss>

  /** claimed → answered: takes the nonce. */
  takeNonce(idDigest: Digest, now: Date): Promise<Ticket | TicketMiss>

  /**
   * answered → accepted | refused, with the digest of the completion code.
   *
   * @param completion with what the ticket itself says, so that a store need not read it again
   * @returns false when it was not `answered` any more
   */
  settle(
    idDigest: Digest,
    outcome: TicketOutcome,
    completion: Pick<Ticket, 'interactionId' | 'clientId'> & { codeDigest: Digest; now: Date; expiresAt: Date },
  ): Promise<boolean>

  /** accepted | refused → completed, found by the completion code; the evidence leaves the store with it. */
  takeCompletion(
    codeDigest: Digest,
    now: Date,
  ): Promise<{ readonly interactionId: string; readonly clientId: string; readonly outcome: TicketOutcome } | undefined>

  /** Removes rows whose `expiresAt` lies before `now`. @returns how many */
  deleteExpired(now: Date, limit: number): Promise<number>
}
