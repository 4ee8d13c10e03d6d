import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import type { Database } from '../../src/storage/database.ts'
import { createDataDirectory } from './data-directory.ts'
import { createPostgresDatabase } from './postgres.ts'

export interface TestDatabase {
  readonly database: Database
  /** Closes the database and leaves nothing behind. */
  remove(): Promise<void>
}

/** The two databases that every store must pass its contract on: `describe.each(DATABASES)`. */
export const DATABASES = [
  { name: 'PostgreSQL', createDatabase: createOnPostgres },
  { name: 'PGlite', createDatabase: createEmbedded },
] as const

/** With all tables, and not one row. */
export async function createMigratedDatabase(createDatabase: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const made = await createDatabase()
  await migrateUp(made.database.pool)
  return made
}

async function createOnPostgres(): Promise<TestDatabase> {
  const { databaseUrl, drop } = await createPostgresDatabase()
  const database = await openDatabase({ databaseUrl, maxConnections: 20 })
  return {
    database,
    async remove() {
      await database.close()
      await drop()
    },
  }
}

async function createEmbedded(): Promise<TestDatabase> {
  const directory = await createDataDirectory()
  const database = await openDatabase({ dataDirectory: directory.path })
  return {
    database,
    async remove() {
      await database.close()
      await directory.remove()
    },
  }
}
