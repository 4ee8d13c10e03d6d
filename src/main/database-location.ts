import type { Config } from '../config/config.ts'
import type { DatabaseLocation } from '../storage/open-database.ts'

/** Where the configured database is, in the words of storage/. */
export function databaseLocation({ database }: Config): DatabaseLocation {
  return 'dataDirectory' in database
    ? database
    : { databaseUrl: database.databaseUrl.reveal(), maxConnections: database.maxConnections }
}
