import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/storage/database.ts'
import { guardConnections, requireUnbrokenLineage } from '../../src/storage/lineage/examine-lineage.ts'
import { createRecoveryStore, endEverythingShortLived } from '../../src/storage/lineage/recovery-store.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { dumpDatabase, restoreDatabase } from '../support/postgres-tools.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

const RESTORED = { code: 'SERVER_DATABASE_RESTORED' }

describe.each(DATABASES)('the row that says which database it is, on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())
  // but for the first test, which meets what the migration left
  afterEach(() => createRecoveryStore(made.database).accept(new Date(), () => Promise.resolve()))

  test.each([
    ['after a migration', ''],
    ['after the table was rewritten and frozen', 'VACUUM (FULL, FREEZE) installation'],
  ])('%s it is the one that it was', async (_name, statement) => {
    if (statement !== '') await made.database.pool.query(statement)
    await expect(requireUnbrokenLineage(made.database, 'none')).resolves.toBeUndefined()
    expect(await migrateUp(made.database.pool)).toEqual([])
    await expect(requireUnbrokenLineage(made.database, 'none')).resolves.toBeUndefined()
  })

  test.each([
    ['rows that were copied', 'UPDATE installation SET recovered_at = now()'],
    ['another server', `UPDATE installation SET system_identifier = '1', written_in = pg_current_xact_id()`],
    ['another timeline', 'UPDATE installation SET timeline = timeline + 1, written_in = pg_current_xact_id()'],
    ['no row', 'DELETE FROM installation'],
  ])('attack 43: %s are noticed, and accepted once somebody has looked', async (_name, statement) => {
    await made.database.query(statement)
    await expect(requireUnbrokenLineage(made.database, 'none')).rejects.toMatchObject(RESTORED)
    await createRecoveryStore(made.database).accept(new Date(), () => Promise.resolve())
    await expect(requireUnbrokenLineage(made.database, 'none')).resolves.toBeUndefined()
  })

  test('a promoted standby that has every commit is followed; rows that were copied are not', async () => {
    await made.database.query('UPDATE installation SET timeline = timeline + 1, written_in = pg_current_xact_id()')
    await requireUnbrokenLineage(made.database, 'synchronous')
    await expect(requireUnbrokenLineage(made.database, 'none')).resolves.toBeUndefined()
    await made.database.query('UPDATE installation SET timeline = timeline + 1')
    await expect(requireUnbrokenLineage(made.database, 'synchronous')).rejects.toMatchObject(RESTORED)
  })

  test('what is short-lived ends with it, in Redis too', async () => {
    const { database } = made
    await database.query(
      `INSERT INTO oidc_artifacts (model, id_digest, payload, expires_at, written_at)
       VALUES ('RefreshToken', sha256('token'), '{}', 'infinity', now())`,
    )
    await database.query(
      `INSERT INTO redis_incarnations (replication_id, run_id, registered_at, seen_at) VALUES ('a', 'b', now(), now())`,
    )
    const store = createRecoveryStore(database)
    const at = new Date()
    expect(await store.accept(at, (transaction) => endEverythingShortLived(transaction, at))).toBe(1)
    expect((await database.query('SELECT 1 FROM oidc_artifacts')).rowCount).toBe(0)
    const { rows } = await database.query('SELECT superseded_at FROM redis_incarnations')
    expect(rows).toEqual([{ superseded_at: at }])
  })

  test('a recovery that fails half-way has not happened', async () => {
    await made.database.query('UPDATE installation SET recovered_at = now()')
    const failing = createRecoveryStore(made.database).accept(new Date(), () => Promise.reject(new Error('half-way')))
    await expect(failing).rejects.toThrow('half-way')
    await expect(requireUnbrokenLineage(made.database, 'none')).rejects.toMatchObject(RESTORED)
  })
})

describe('attack 43: a dump is restored under a process that runs', () => {
  let postgres: PostgresDatabase
  let directory: TempDirectory
  let database: Database
  beforeEach(async () => {
    postgres = await createPostgresDatabase()
    directory = createTempDirectory('lineage')
    database = await openDatabase({ databaseUrl: postgres.databaseUrl, maxConnections: 3 })
    await migrateUp(database.pool)
    guardConnections(database.pool, 'none')
    await dumpDatabase(postgres.databaseUrl, join(directory.path, 'dump'))
  })
  afterEach(async () => {
    await database.close()
    await postgres.drop()
    await directory.remove()
  })

  test('it refuses every statement until the database was recovered, and then goes on by itself', async () => {
    const { pathname } = new URL(postgres.databaseUrl)
    const name = pathname.slice(1)
    const other = new pg.Client(postgres.databaseUrl.replace(pathname, '/postgres'))
    await other.connect()
    await other.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await other.query(`CREATE DATABASE ${name}`)
    await other.end()
    await restoreDatabase(postgres.databaseUrl, join(directory.path, 'dump'))

    await expect(database.query('SELECT 1')).rejects.toMatchObject(RESTORED)
    await expect(database.transaction((transaction) => transaction.query('SELECT 1'))).rejects.toMatchObject(RESTORED)

    const operator = await openDatabase({ databaseUrl: postgres.databaseUrl })
    await createRecoveryStore(operator).accept(new Date(), () => Promise.resolve())
    await operator.close()
    expect((await database.query('SELECT 1')).rowCount).toBe(1)
  })

  test('attack 41: a connection that breaks while it is examined fails, and ends nothing else', async () => {
    const { verify } = database.pool.options
    const breaking = Object.assign(new EventEmitter(), { query: () => new Promise(() => undefined) })
    verify?.(breaking as unknown as pg.PoolClient, () => undefined)
    // an emitter throws what nobody listens for
    expect(breaking.emit('error', new Error('ECONNRESET'))).toBe(true)
    expect((await database.query('SELECT 1')).rowCount).toBe(1)
  })

  test('restored into itself, it is refused at the next start', async () => {
    await restoreDatabase(postgres.databaseUrl, join(directory.path, 'dump'), ['--clean'])
    await expect(requireUnbrokenLineage(database, 'none')).rejects.toMatchObject(RESTORED)
  })
})
