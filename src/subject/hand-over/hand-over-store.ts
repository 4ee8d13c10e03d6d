import type { AuditEvent } from '../../audit/audit-event.ts'
import type { NewCredential } from '../chain/chain-store.ts'

/** SHA-256 of a code; the code itself is shown once and never stored. */
export type HandOverDigest = Uint8Array & { readonly __brand: 'HandOverDigest' }

export interface NewHandOverCode {
  readonly digest: HandOverDigest
  readonly credentialId: string
  readonly at: Date
}

/** How `redeem` ended; `outpaced`: the new card became known meanwhile, resolve it again (nothing was written). */
export type Redemption =
  | { readonly outcome: 'redeemed'; readonly accountId: string; readonly credentialId: string }
  | { readonly outcome: 'invalid' | 'outpaced' }

/** Port: hand-over codes. One standing code a credential; a newer one replaces it. */
export interface HandOverStore {
  /**
   * For a credential that may sign in (current, account active); expires so long after the credential itself.
   *
   * @returns undefined, with nothing written, when the credential may not sign in or its end is not known
   */
  create(
    code: NewHandOverCode,
    graceMs: number,
    eventsFor: (ids: { readonly accountId: string }) => readonly AuditEvent[],
  ): Promise<{ readonly accountId: string; readonly expiresAt: Date } | undefined>

  /**
   * Takes the code by one statement and puts the new credential after the old one, in one transaction: of N parallel callers one
   * gets `redeemed`. One of the same kind replaces the old one; a phone comes beside a card, and a card beside a phone.
   */
  redeem(
    digest: HandOverDigest,
    newer: NewCredential,
    at: Date,
    eventsFor: (redeemed: {
      readonly accountId: string
      readonly olderId: string
      readonly isReplaced: boolean
    }) => readonly AuditEvent[],
  ): Promise<Redemption>

  /** Removes codes that are worth nothing any more: expired, replaced or redeemed. @returns how many */
  deleteSpent(now: Date, limit: number): Promise<number>

  /** The standing code of a credential: when it was made and when it ends, never what it is. */
  standing(credentialId: string, now: Date): Promise<{ readonly createdAt: Date; readonly expiresAt: Date } | undefined>
}
