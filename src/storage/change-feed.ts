import { createEmbeddedFeed } from './change-feed/embedded-feed.ts'
import { createPostgresFeed } from './change-feed/postgres-feed.ts'
import type { ChangeFeed, ChangeFeedOptions } from './change-feed/change.ts'
import type { Database } from './database.ts'

/** PostgreSQL: LISTEN on a connection of its own. Embedded: one process and one session, which hears itself. */
export function createChangeFeed(database: Database, options: ChangeFeedOptions = {}): ChangeFeed {
  return database.kind === 'embedded' ? createEmbeddedFeed(database.pool) : createPostgresFeed(database.pool, options)
}
