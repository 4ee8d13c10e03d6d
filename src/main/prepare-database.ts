import type { Config } from '../config/config.ts'
import type { Database } from '../storage/database.ts'
import { guardConnections, requireUnbrokenLineage, type Standbys } from '../storage/lineage/examine-lineage.ts'
import { migrateUp, requireCurrentSchema } from '../storage/migrate.ts'

/** What may be done to a schema: nobody else can be using the embedded one. */
export interface SchemaRights {
  readonly migrates: boolean
  readonly standbys: Standbys
}

/** @param mayMigrate whether this process is one that brings the schema of PostgreSQL up where it is allowed to */
export function schemaRightsOf({ database }: Pick<Config, 'database'>, mayMigrate: boolean): SchemaRights {
  return 'dataDirectory' in database
    ? { migrates: true, standbys: 'none' }
    : { migrates: mayMigrate && database.migratesAtStart, standbys: database.standbys }
}

/**
 * Between opening a database and its first use: its schema is this release's, and it is the one that it was.
 *
 * @throws Refusal SERVER_SCHEMA_*, SERVER_DATABASE_RESTORED, SERVER_STORAGE_UNAVAILABLE
 */
export async function prepareDatabase(database: Database, { migrates, standbys }: SchemaRights): Promise<void> {
  if (migrates) await migrateUp(database.pool)
  else await requireCurrentSchema(database.pool)
  await requireUnbrokenLineage(database, standbys)
  guardConnections(database.pool, standbys)
}
