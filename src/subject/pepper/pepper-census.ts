/** How many credentials are kept under one pepper. */
export interface PepperCount {
  readonly version: number
  /** Cards that sign in. */
  readonly current: number
  /** Superseded, revoked or unlinked: never seen again, so they only move along when their successor first signs in. */
  readonly others: number
}

/** Port: how far a change of the pepper has come. */
export interface PepperCensus {
  /** Oldest version first; versions with no credential are left out. */
  count(): Promise<readonly PepperCount[]>
}
