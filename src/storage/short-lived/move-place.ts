import type { Queryable } from '../database.ts'
import type { Place } from './claim-place.ts'

/** As long as a proof may be from the future (oidc/proof-time.ts). */
const AHEAD_SECONDS = 30

/**
 * From now on it is kept there. What was kept until now ends, wherever it is: a token that lay at the old place while it could not be revoked must
 * not be good again when somebody moves back. Proofs made before now are refused, for nobody remembers which of them were used.
 *
 * @returns how many rows of PostgreSQL ended
 */
export async function movePlace(transaction: Queryable, place: Place, at: Date): Promise<number> {
  const ended = await endWhatIsShortLived(transaction, at)
  await transaction.query(
    `INSERT INTO short_lived_place (place, chosen_at) VALUES ($1, $2)
     ON CONFLICT (only_row) DO UPDATE SET place = excluded.place, chosen_at = excluded.chosen_at`,
    [place, at],
  )
  await forgetProofs(transaction, at)
  return ended
}

/** Sessions, interactions, codes, tokens, grants, tickets, choices; in PostgreSQL and in Redis. @returns how many rows of PostgreSQL */
export async function endWhatIsShortLived(transaction: Queryable, at: Date): Promise<number> {
  let ended = 0
  for (const table of ['oidc_artifacts', 'sign_in_tickets', 'pending_choices']) {
    const { rowCount } = await transaction.query(`DELETE FROM ${table}`)
    ended += rowCount ?? 0
  }
  // what is in Redis was written under one of these numbers, and is believed no more
  await transaction.query('UPDATE redis_incarnations SET superseded_at = $1 WHERE superseded_at IS NULL', [at])
  await forgetProofs(transaction, at)
  return ended
}

/** Which were used is not known any more: those that say that they were made until then are refused, as Redis does after a loss. */
async function forgetProofs(transaction: Queryable, at: Date): Promise<void> {
  await transaction.query('UPDATE short_lived_place SET forgets_before = $1', [
    new Date(at.getTime() + AHEAD_SECONDS * 1000),
  ])
}
