import { openDatabase } from '../../src/storage/open-database.ts'
import type { Database } from '../../src/storage/database.ts'
import { createDataDirectory, createMigratedDataDirectory } from './data-directory.ts'
import { createMigratedPostgresDatabase } from './migrated-postgres.ts'
import { createPostgresDatabase } from './postgres.ts'

export interface TestDatabase {
  readonly database: Database
  /** Closes the database and leaves nothing behind. */
  remove(): Promise<void>
}

type CreateDatabase = (options?: { readonly migrated?: boolean }) => Promise<TestDatabase>

/** The two databases that every store must pass its contract on: `describe.each(DATABASES)`. */
export const DATABASES = [
  { name: 'PostgreSQL', createDatabase: createOnPostgres },
  { name: 'PGlite', createDatabase: createEmbedded },
] as const

/** With all tables, and not one row. */
export function createMigratedDatabase(createDatabase: CreateDatabase): Promise<TestDatabase> {
  return createDatabase({ migrated: true })
}

async function createOnPostgres({ migrated = false } = {}): Promise<TestDatabase> {
  const { databaseUrl, drop } = await (migrated ? createMigratedPostgresDatabase() : createPostgresDatabase())
  const database = await openDatabase({ databaseUrl, maxConnections: 20 })
  return {
    database,
    async remove() {
      await database.close()
      await drop()
    },
  }
}

async function createEmbedded({ migrated = false } = {}): Promise<TestDatabase> {
  const directory = await (migrated ? createMigratedDataDirectory() : createDataDirectory())
  const database = await openDatabase({ dataDirectory: directory.path })
  return {
    database,
    async remove() {
      await database.close()
      await directory.remove()
    },
  }
}
