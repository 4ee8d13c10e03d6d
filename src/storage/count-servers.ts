import type pg from 'pg'
import { translateStorageFault } from './storage-fault.ts'

/** Every server listens on one connection of this name (change-feed/postgres-feed.ts); commands do not. */
export const LISTENING_NAME = 'sekisho changes'

/** How many servers are connected to this database, of this release or another. */
export async function countServers(pool: pg.Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ servers: number }>(
      `SELECT count(*)::integer AS servers FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1`,
      [LISTENING_NAME],
    )
    return rows[0]?.servers ?? 0
  } catch (fault) {
    throw translateStorageFault(fault)
  }
}
