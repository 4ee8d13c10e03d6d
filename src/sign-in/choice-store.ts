import type { Digest } from './ticket-store.ts'

/** An unknown card whose person is being asked: what was judged, sealed, for the browser that holds the interaction's cookie. */
export interface PendingChoice {
  readonly interactionId: string
  readonly clientId: string
  readonly sealedEvidence: Uint8Array
  /** Hand-over codes that may still be typed. */
  readonly triesLeft: number
  readonly expiresAt: Date
}

/** Choices, short-lived. Only the digest of a token is stored. */
export interface ChoiceStore {
  put(tokenDigest: Digest, choice: PendingChoice): Promise<void>
  /** Takes it out, by one statement: of N parallel callers one gets it. Past its time it is gone. */
  take(tokenDigest: Digest, now: Date): Promise<PendingChoice | undefined>
  /** @returns how many rows past their time were removed */
  deleteExpired(now: Date, limit: number): Promise<number>
}
