import type { Queryable } from './database.ts'

/** What every connection of this release for statements is called; the releases before called theirs `sekisho`. */
export const CONNECTION_NAME = 'sekisho 2'

/**
 * Servers of a release before that use this database, and so this Redis, and read there only what they know (redis/payload-form.ts). A server
 * asks its database for something every other second, so one that is there has a connection.
 */
export interface Elders {
  /** As the last look saw it. */
  areThere(): boolean
  /** @throws Refusal SERVER_STORAGE_UNAVAILABLE */
  look(): Promise<void>
}

export function createElders(database: Queryable): Elders {
  let areThere = true
  return {
    areThere: () => areThere,
    async look() {
      const { rows } = await database.query<{ any: boolean }>(ANY)
      areThere = rows[0]?.any ?? true
    },
  }
}

const ANY = `SELECT EXISTS (
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sekisho'
) AS any`
