import { Refusal } from '../../error-registry/refusal.ts'
import type { Queryable } from '../database.ts'

/** PostgreSQL, or Redis whatever its form. */
export type Place = 'database' | 'redis'

/** @returns undefined as long as no server has ever started */
export async function readPlace(database: Queryable): Promise<Place | undefined> {
  const { rows } = await database.query<{ place: Place }>('SELECT place FROM short_lived_place')
  return rows[0]?.place
}

/**
 * That all servers of this database keep what is short-lived at the same place. The first one ever decides; of two that start together
 * one does.
 *
 * @throws Refusal SERVER_SHORT_LIVED_ELSEWHERE, SERVER_STORAGE_UNAVAILABLE
 */
export async function claimPlace(database: Queryable, place: Place, at: Date): Promise<void> {
  // read first: a row that is there is not locked by everybody who starts
  if ((await readPlace(database)) === undefined) {
    await database.query('INSERT INTO short_lived_place (place, chosen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      place,
      at,
    ])
  }
  const claimed = await readPlace(database)
  if (claimed !== place) throw elsewhere(claimed, place)
}

const NAMES = { database: 'PostgreSQL (no REDIS_URL)', redis: 'Redis (REDIS_URL)' } as const

export function elsewhere(claimed: Place | undefined, place: Place): Refusal {
  return new Refusal(
    'SERVER_SHORT_LIVED_ELSEWHERE',
    `this installation keeps sessions, tickets and tokens in ${claimed === undefined ? 'no place any more' : NAMES[claimed]}, this server would in ${NAMES[place]}. ` +
      'Give every server the same REDIS_URL, or none; to change it for all, stop them and run “sekisho short-lived move”',
  )
}
