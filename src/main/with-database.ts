import type { Config } from '../config/config.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { Database } from '../storage/database.ts'
import { DataDirectoryInUse } from '../storage/lock-data-directory.ts'
import { migrateUp, migrationStatus } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { databaseLocation } from './database-location.ts'
import { CommandRefused, EX_UNAVAILABLE } from './command-refused.ts'

/**
 * Opens the configured database for one command. The embedded one, which nobody else can be using, is brought to this release's
 * schema; of PostgreSQL the operator decides when.
 *
 * @throws CommandRefused when it is in use, out of date, or does not answer
 */
export async function withDatabase<Result>(
  config: Config,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(databaseLocation(config)).catch((fault: unknown) => {
    if (!(fault instanceof DataDirectoryInUse)) throw fault
    throw new CommandRefused(
      EX_UNAVAILABLE,
      `${fault.message} The embedded database belongs to one process: stop the server first, or use PostgreSQL.`,
    )
  })
  try {
    if (database.kind === 'embedded') await migrateUp(database.pool)
    else if ((await migrationStatus(database.pool)).pending.length > 0) {
      throw new CommandRefused(
        EX_UNAVAILABLE,
        'The database is not at this release’s schema: run “sekisho migrate up”.',
      )
    }
    return await work(database)
  } catch (fault) {
    if (fault instanceof Refusal && fault.code === 'SERVER_STORAGE_UNAVAILABLE') {
      throw new CommandRefused(EX_UNAVAILABLE, 'The database does not answer.')
    }
    throw fault
  } finally {
    await database.close()
  }
}
