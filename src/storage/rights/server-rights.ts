/** What a server does with a table. */
export type TableRight = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

const EVERYTHING: readonly TableRight[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/**
 * Tables with which a server does less than everything. What is not named here is a table of work; that a new one is not forgotten is
 * what the whole sign-in under this role is tested for.
 */
const LESS: Readonly<Record<string, readonly TableRight[]>> = {
  audit_events: ['SELECT', 'INSERT'],
  audit_seals: ['SELECT', 'INSERT'],
  audit_tombstones: ['SELECT'],
  // which database this is, and where what is short-lived is, the operator's commands say
  installation: ['SELECT'],
  schema_migrations: ['SELECT'],
  short_lived_place: ['SELECT', 'INSERT'],
}

/** A retention that servers keep by themselves (AUDIT_KEEP_DAYS). A trigger lets nothing go that has no signed tombstone. */
const TO_PRUNE: Readonly<Record<string, readonly TableRight[]>> = {
  audit_events: ['SELECT', 'INSERT', 'DELETE'],
  audit_tombstones: ['SELECT', 'INSERT'],
}

/** Columns that a server writes of a table it may not change otherwise: it follows a standby that has every commit. */
export const COLUMNS_TO_UPDATE: Readonly<Record<string, readonly string[]>> = {
  installation: ['timeline', 'written_in'],
}

export interface RightsOptions {
  /** Whether servers may take out of the audit log what is older than it must be kept. */
  readonly mayPrune: boolean
}

export function rightsOn(table: string, { mayPrune }: RightsOptions): readonly TableRight[] {
  const less = (mayPrune ? TO_PRUNE[table] : undefined) ?? LESS[table]
  return less ?? EVERYTHING
}
