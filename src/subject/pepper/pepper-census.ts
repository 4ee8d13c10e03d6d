/** How many credentials are kept under one pepper. */
export interface PepperCount {
  readonly version: number
  /** Cards that sign in: they move when they are seen. */
  readonly current: number
  /** Of these: their certificate has ended. They move when the card that replaced them is first seen, if the linkage service names them. */
  readonly expired: number
  /** Of these: their account is suspended or closed, so that they are not seen. */
  readonly barred: number
  /** Superseded, revoked or unlinked: never seen again, so they only move along when their successor first signs in. */
  readonly others: number
}

/** Port: how far a change of the pepper has come. */
export interface PepperCensus {
  /** Oldest version first; versions with no credential are left out. */
  count(now: Date): Promise<readonly PepperCount[]>
  /** Versions that credentials are kept under, and that are neither known nor were given up on purpose: their people would be strangers. */
  missing(known: readonly number[]): Promise<readonly number[]>
  /** Writes down a step, in the audit log too. @param known the versions from then on, the one that is written first */
  record(step: 'introduce' | 'promote' | 'retire', known: readonly number[], at: Date): Promise<void>
}
