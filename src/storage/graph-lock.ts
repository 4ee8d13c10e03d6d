import type { Queryable } from './database.ts'

/** Names the lock among the advisory locks of the database; "acct". */
const GRAPH = 0x61636374

/**
 * First log-ins share it: they decide among themselves by unique(handle) and row locks. What is done to accounts by hand has it
 * alone, so it sees no chain half-way, and no chain is written to an account that is being merged. An ordinary log-in takes no lock.
 */
export async function shareGraph(transaction: Queryable): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock_shared($1, 0)', [GRAPH])
}

/** Held until the end of the transaction, as all of them are. */
export async function lockGraph(transaction: Queryable): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock($1, 0)', [GRAPH])
}

/** Callers that bring the same octets take turns. Several are to be locked in one call, so that nobody waits in a circle. */
export async function takeTurns(transaction: Queryable, names: readonly Uint8Array[]): Promise<void> {
  const keys = names.map((name) => Buffer.from(name).readBigInt64BE()).sort((one, other) => (one < other ? -1 : 1))
  for (const key of new Set(keys)) await transaction.query('SELECT pg_advisory_xact_lock($1)', [key.toString()])
}
