import type { SignOut } from '../subject/graph/account-graph-store.ts'
import type { Queryable } from './database.ts'

/** The outbox's name for a sign-out that was decided, and is still to be carried out in Redis. */
export const SIGN_OUT = 'sign-out'

/** Written with what decided it; whichever server is running carries it out (main/carry-out-sign-outs.ts). */
export async function putSignOut(transaction: Queryable, signOut: SignOut, at: Date): Promise<void> {
  await transaction.query('INSERT INTO outbox (kind, payload, created_at, next_attempt_at) VALUES ($1, $2, $3, $3)', [
    SIGN_OUT,
    JSON.stringify({ ...signOut, at: at.toISOString() }),
    at,
  ])
}
