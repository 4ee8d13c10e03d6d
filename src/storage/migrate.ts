import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { Refusal } from '../error-registry/refusal.ts'
import { recordInstallation } from './lineage/installation.ts'
import { judgeSchema, type SchemaStatus } from './schema/judge-schema.ts'
import { readMigrations } from './schema/read-migrations.ts'
import { MIGRATIONS_TABLE, readSchema } from './schema/read-schema.ts'
import { translateStorageFault } from './storage-fault.ts'

const DIRECTORY = fileURLToPath(new URL('../../migrations', import.meta.url))

/**
 * A migration first takes every table, at once, and then waits for nothing. It gives up before PostgreSQL's `deadlock_timeout` (1 s): a
 * server's statement that holds one table and waits for another would be the one that is ended, and a person would see it.
 */
const TAKE_TABLES_MS = 600
/** And then lets everybody pass, and tries again. */
const ATTEMPTS = 40
const PAUSE_MS = 250
/** That of node-pg-migrate (its PG_MIGRATE_LOCK_ID), which is loaded only where there is something to migrate. */
const LOCK_ID = 7_241_865_325_823_964n
/** SQLSTATEs query_canceled, lock_not_available and deadlock_detected. */
const LOCKED_OUT = new Set(['57014', '55P03', '40P01'])

export interface MigrateUpOptions {
  /** No server runs: take several releases in one step. */
  readonly skipReleases?: boolean
}

/**
 * Applies every migration that is missing, all or nothing. Several processes may start at once: one migrates, the others wait for it
 * (advisory lock) and find nothing left to do. With nothing to do it writes nothing, and needs no right to.
 *
 * @returns the names that were applied
 * @throws Refusal SERVER_SCHEMA_TOO_NEW, _MISMATCH, _SKIPPED: nothing was changed; SERVER_STORAGE_UNAVAILABLE
 */
export async function migrateUp(pool: pg.Pool, options: MigrateUpOptions = {}): Promise<readonly string[]> {
  const status = await migrationStatus(pool)
  if (status.pending.length === 0) {
    refuseFault(status, options)
    return []
  }
  return asMigrator(pool, async (client) => {
    // what another process may have done while we waited
    const { pending } = refuseFault(await statusOf(client), options)
    if (pending.length === 0) return []
    await run(client, 'up', pending.length)
    await recordInstallation(client, await readMigrations(DIRECTORY))
    return pending
  })
}

export interface MigrateDownOptions {
  /** Take back also what cannot be taken back without losing data. */
  readonly destroyData?: boolean
}

/**
 * Takes back the last `count` migrations, newest first.
 *
 * @returns the names that were taken back
 * @throws Refusal SERVER_SCHEMA_IRREVERSIBLE when data would be lost; nothing was changed
 */
export function migrateDown(
  pool: pg.Pool,
  count: number,
  { destroyData = false }: MigrateDownOptions = {},
): Promise<readonly string[]> {
  return asMigrator(pool, async (client) => {
    const { applied } = await statusOf(client)
    const names = applied.toReversed().slice(0, count)
    const { migrations } = await readMigrations(DIRECTORY)
    const lossy = names.filter((name) => migrations.find((one) => one.name === name)?.isReversible !== true)
    if (lossy.length > 0 && !destroyData) {
      throw new Refusal(
        'SERVER_SCHEMA_IRREVERSIBLE',
        `${lossy.join(', ')}: taking it back destroys data. The release before runs on the present schema: there is no need to. ` +
          'Where the data is worth nothing: --destroy-data',
      )
    }
    if (names.length > 0) await run(client, 'down', names.length)
    return names
  })
}

/** What has been applied and what is missing; changes nothing, not even on an empty database. */
export async function migrationStatus(pool: pg.Pool): Promise<SchemaStatus> {
  try {
    return await statusOf(pool)
  } catch (fault) {
    throw translateStorageFault(fault)
  }
}

/**
 * For a process that may not migrate: that this release works on the schema as it is.
 *
 * @throws Refusal SERVER_SCHEMA_OUTDATED, _TOO_NEW, _MISMATCH, _SKIPPED
 */
export async function requireCurrentSchema(pool: pg.Pool): Promise<void> {
  const { pending } = refuseFault(await migrationStatus(pool), {})
  if (pending.length > 0) {
    throw new Refusal('SERVER_SCHEMA_OUTDATED', `${pending.join(', ')} not applied: run “sekisho migrate up”`)
  }
}

async function statusOf(client: Pick<pg.ClientBase, 'query'>): Promise<SchemaStatus> {
  return judgeSchema(await readMigrations(DIRECTORY), await readSchema(client))
}

function refuseFault(status: SchemaStatus, { skipReleases = false }: MigrateUpOptions): SchemaStatus {
  const { fault } = status
  if (fault === undefined || (skipReleases && fault.code === 'SERVER_SCHEMA_SKIPPED')) return status
  throw new Refusal(fault.code, fault.detail)
}

/** One at a time over all processes, of this release and of every other. */
async function asMigrator<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect().catch((fault: unknown) => {
    throw translateStorageFault(fault)
  })
  client.on('error', ignore)
  try {
    // waiting for another process' migration, or changing a large table, may take its time
    await client.query('SET statement_timeout = 0')
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_ID])
    return await work(client)
  } catch (fault) {
    throw translateStorageFault(fault)
  } finally {
    // not back into the pool, for it has no time limit any more; the lock ends with it
    client.release(true)
  }
}

/** All or nothing: a release's migrations are one step. */
async function run(client: pg.PoolClient, direction: 'up' | 'down', count: number): Promise<void> {
  const { runner } = await import('node-pg-migrate')
  await takeTables(client)
  try {
    // its BEGIN finds the transaction that holds the tables, its COMMIT or ROLLBACK ends it
    await runner({
      dbClient: client,
      dir: DIRECTORY,
      ignorePattern: '(?!.*\\.sql$).*',
      migrationsTable: MIGRATIONS_TABLE,
      direction,
      count,
      checkOrder: true,
      singleTransaction: true,
      noLock: true,
      log: () => {
        // the caller has the names
      },
    })
  } catch (fault) {
    await client.query('ROLLBACK').catch(ignore)
    throw fault
  }
}

/** Begins a transaction in which nobody else can touch a table that is there. */
async function takeTables(client: pg.PoolClient): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('BEGIN')
      const { rows } = await client.query<{ tables: string | null }>(
        `SELECT string_agg(quote_ident(tablename), ', ' ORDER BY tablename) AS tables FROM pg_tables
         WHERE schemaname = current_schema() AND pg_has_role(tableowner, 'USAGE')`,
      )
      const { tables } = rows[0] ?? {}
      await client.query(`SET LOCAL statement_timeout = ${TAKE_TABLES_MS}`)
      if (typeof tables === 'string') await client.query(`LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`)
      await client.query('SET LOCAL statement_timeout = 0')
      return
    } catch (fault) {
      await client.query('ROLLBACK')
      if (attempt === ATTEMPTS || !isLockedOut(fault)) throw fault
      await pause(PAUSE_MS)
    }
  }
}

function isLockedOut(fault: unknown): boolean {
  return fault instanceof pg.DatabaseError && LOCKED_OUT.has(fault.code ?? '')
}

function ignore(): void {
  // the next statement fails with it
}
