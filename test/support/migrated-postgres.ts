import pg from 'pg'
import { migrateUp } from '../../src/storage/migrate.ts'
import { createPostgresDatabase, type PostgresDatabase } from './postgres.ts'

const TEMPLATE = 'sekisho_migrated'
/** Whoever holds it makes the template; any number that nothing else of a test takes in the database `postgres`. */
const MAKING = 770_177

/**
 * A real PostgreSQL database with all tables and not one row, copied from one that is migrated once in a test run. Whoever tests how an
 * empty database becomes one takes `createPostgresDatabase`.
 *
 * @throws Error when PostgreSQL is not installed or does not start
 */
export function createMigratedPostgresDatabase(): Promise<PostgresDatabase> {
  return createPostgresDatabase(process.ppid, { name: TEMPLATE, make: makeTemplate })
}

async function makeTemplate(urlOf: (database: string) => string): Promise<void> {
  const client = new pg.Client(urlOf('postgres'))
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MAKING])
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE])
    if (rowCount !== 0) return
    // under another name until it is whole: one that failed half-way is not taken for it
    const unfinished = `${TEMPLATE}_unfinished`
    await client.query(`DROP DATABASE IF EXISTS ${unfinished}`)
    await client.query(`CREATE DATABASE ${unfinished}`)
    const pool = new pg.Pool({ connectionString: urlOf(unfinished), max: 1 })
    try {
      await migrateUp(pool)
    } finally {
      await pool.end()
    }
    await client.query(`ALTER DATABASE ${unfinished} ALLOW_CONNECTIONS false`)
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${TEMPLATE}`)
  } finally {
    await client.end()
  }
}
