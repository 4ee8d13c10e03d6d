import type { Consent } from './consent.ts'

/** What a person agreed to at one site, and when last. */
export interface GivenConsent {
  readonly clientId: string
  readonly consent: Consent
  readonly givenAt: Date
}

/**
 * Port: what people agreed to. It outlives sessions and whatever is short-lived. What belongs to accounts that were merged into one counts
 * for that one.
 *
 * Every change is in the audit log once it is made, in the same transaction.
 */
export interface ConsentStore {
  /** What stands; `NO_CONSENT` when nothing does. */
  find(accountId: string, clientId: string): Promise<Consent>
  /** What stands at every site, the newest first. */
  list(accountId: string): Promise<readonly GivenConsent[]>
  /** Adds to what stands. */
  give(accountId: string, clientId: string, consent: Consent): Promise<void>
  /** Writes down that they were asked and went back instead. */
  decline(accountId: string, clientId: string): Promise<void>
  /** Takes everything back at a site. @returns false when nothing stood */
  withdraw(accountId: string, clientId: string): Promise<boolean>
}
