import type { Config } from '../config/config.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { Database } from '../storage/database.ts'
import { DataDirectoryInUse } from '../storage/lock-data-directory.ts'
import { openDatabase } from '../storage/open-database.ts'
import { databaseLocation } from './database-location.ts'
import { CommandRefused, EX_UNAVAILABLE } from './command-refused.ts'
import { prepareDatabase, schemaRightsOf } from './prepare-database.ts'

/**
 * Opens the configured database for one command. The embedded one, which nobody else can be using, is brought to this release's
 * schema; of PostgreSQL the operator decides when.
 *
 * @throws CommandRefused when it is in use, at another schema, restored from a backup, or does not answer
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
    await prepareDatabase(database, schemaRightsOf(config, false))
    return await work(database)
  } catch (fault) {
    if (fault instanceof Refusal && fault.code === 'SERVER_STORAGE_UNAVAILABLE') {
      throw new CommandRefused(EX_UNAVAILABLE, 'The database does not answer.')
    }
    if (fault instanceof Refusal && /^SERVER_(?:SCHEMA|DATABASE)_/.test(fault.code)) {
      throw new CommandRefused(EX_UNAVAILABLE, fault.message)
    }
    throw fault
  } finally {
    await database.close()
  }
}
