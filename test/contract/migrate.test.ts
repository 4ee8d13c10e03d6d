import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrateDown, migrateUp, migrationStatus } from '../../src/storage/migrate.ts'
import { DATABASES, type TestDatabase } from '../support/databases.ts'

describe.each(DATABASES)('migrations on $name', ({ createDatabase }) => {
  let made: TestDatabase

  beforeAll(async () => {
    made = await createDatabase()
  })
  afterAll(() => made.remove())

  const tables = async (): Promise<string[]> => {
    const { rows } = await made.database.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    )
    return rows.map(({ name }) => name)
  }

  test('the status of an empty database creates nothing', async () => {
    const status = await migrationStatus(made.database.pool)
    expect(status.applied).toEqual([])
    expect(status.pending[0]).toBe('0001_initial')
    expect(await tables()).toEqual([])
  })

  test('up, down and up again end in the same tables; two at once apply each migration once', async () => {
    const { pool } = made.database
    const all = (await migrationStatus(pool)).pending
    const applied = await Promise.all([migrateUp(pool), migrateUp(pool)])
    expect(applied.flat()).toEqual(all)
    expect(await migrationStatus(pool)).toMatchObject({ applied: all, pending: [], unknown: [] })

    const first = await tables()
    expect(first).toEqual(
      expect.arrayContaining(['accounts', 'audit_events', 'credentials', 'installation', 'subjects']),
    )

    await expect(migrateDown(pool, all.length)).rejects.toMatchObject({ code: 'SERVER_SCHEMA_IRREVERSIBLE' })
    expect(await tables()).toEqual(first)
    expect(await migrateDown(pool, all.length, { destroyData: true })).toEqual(all.toReversed())
    expect(await tables()).toEqual(['schema_migrations'])
    const { rows } = await made.database.query("SELECT proname FROM pg_proc WHERE proname LIKE 'refuse_%'")
    expect(rows).toEqual([])

    expect(await migrateUp(pool)).toEqual(all)
    expect(await tables()).toEqual(first)
    expect(await migrateUp(pool)).toEqual([])
  })
})
