import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import type pg from 'pg'
import { translateStorageFault } from './storage-fault.ts'

const DIRECTORY = fileURLToPath(new URL('../../migrations', import.meta.url))
const TABLE = 'schema_migrations'

export interface MigrationStatus {
  /** Names without `.sql`, in order. */
  readonly applied: readonly string[]
  readonly pending: readonly string[]
}

/**
 * Applies every migration that is missing. Several processes may start at once: one migrates, the others wait for it
 * (advisory lock) and find nothing left to do.
 *
 * @returns the names that were applied
 * @throws Refusal SERVER_STORAGE_UNAVAILABLE
 */
export function migrateUp(pool: pg.Pool): Promise<readonly string[]> {
  return migrate(pool, 'up', Number.POSITIVE_INFINITY)
}

/**
 * Takes back the last `count` migrations, newest first. Their data is gone.
 *
 * @returns the names that were taken back
 */
export function migrateDown(pool: pg.Pool, count: number): Promise<readonly string[]> {
  return migrate(pool, 'down', count)
}

/** What has been applied and what is missing; changes nothing, not even on an empty database. */
export async function migrationStatus(pool: pg.Pool): Promise<MigrationStatus> {
  const files = (await readdir(DIRECTORY))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .toSorted()
  const { rows: tables } = await pool.query<{ found: string | null }>('SELECT to_regclass($1)::text AS found', [TABLE])
  if (typeof tables[0]?.found !== 'string') return { applied: [], pending: files }
  const { rows } = await pool.query<{ name: string }>(`SELECT name FROM ${TABLE} ORDER BY id`)
  const applied = rows.map(({ name }) => name)
  return { applied, pending: files.filter((name) => !applied.includes(name)) }
}

async function migrate(pool: pg.Pool, direction: 'up' | 'down', count: number): Promise<readonly string[]> {
  const client = await pool.connect().catch((fault: unknown) => {
    throw translateStorageFault(fault)
  })
  client.on('error', ignore)
  try {
    // waiting for another process' migration, or changing a large table, may take its time
    await client.query('SET statement_timeout = 0')
    const applied = await runner({
      dbClient: client,
      dir: DIRECTORY,
      ignorePattern: '(?!.*\\.sql$).*',
      migrationsTable: TABLE,
      direction,
      count,
      checkOrder: true,
      // all or nothing: a release's migrations are one step
      singleTransaction: true,
      advisoryLockMode: 'wait',
      log: () => {
        // the caller has the names
      },
    })
    return applied.map(({ name }) => name)
  } catch (fault) {
    throw translateStorageFault(fault)
  } finally {
    // not back into the pool: it has no time limit any more
    client.release(true)
  }
}

function ignore(): void {
  // the next statement fails with it
}
