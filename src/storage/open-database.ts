import pg from 'pg'
import type { Database, Queryable } from './database.ts'
import { CONNECTION_NAME } from './elders.ts'
import { limitedQuery, QUERY_TIMEOUT_MS } from './limited-query.ts'
import { runInTransaction } from './run-in-transaction.ts'
import { translateStorageFault } from './storage-fault.ts'

export type DatabaseLocation =
  | {
      /** `postgres://user:password@host:5432/name?sslmode=verify-full` */
      readonly databaseUrl: string
      /** Connections of this process at most; 10 unless told. */
      readonly maxConnections?: number
    }
  | { readonly dataDirectory: string }

/** Waiting for a free or new connection. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * PostgreSQL by URL, or the embedded PGlite in a directory: the same `pg` pool, the same SQL.
 *
 * @throws DataDirectoryInUse when another process holds the directory
 * @throws Error when the directory cannot be used
 */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  if ('databaseUrl' in location) {
    const { databaseUrl, maxConnections = 10 } = location
    const pool = new pg.Pool({
      connectionString: databaseUrl,
      max: maxConnections,
      application_name: CONNECTION_NAME,
      // the server gives up first, so that no statement of ours runs on after we turned away
      statement_timeout: QUERY_TIMEOUT_MS - 1000,
      idle_in_transaction_session_timeout: 60_000,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    })
    return createDatabase('postgresql', pool, () => pool.end())
  }
  // a few megabytes that a server with PostgreSQL never needs
  const { openEmbeddedServer } = await import('./open-embedded-server.ts')
  const server = await openEmbeddedServer(location.dataDirectory)
  // One connection: PGlite is one session, and pglite-socket lets the messages of two connections run into each other
  // when one of them arrives in pieces (over 64 kB), so that a statement gets the other's answer.
  const pool = new pg.Pool({
    host: server.socketDirectory,
    user: 'postgres',
    database: 'postgres',
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  return createDatabase('embedded', pool, async () => {
    await pool.end()
    await server.close()
  })
}

function createDatabase(kind: Database['kind'], pool: pg.Pool, close: () => Promise<void>): Database {
  pool.on('error', () => {
    // an idle connection broke; the pool dropped it, and the next statement opens another or is refused
  })
  const query: Queryable['query'] = async <Row extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ) => {
    try {
      return await pool.query<Row>(limitedQuery(text, values))
    } catch (fault) {
      throw translateStorageFault(fault)
    }
  }
  let closed: Promise<void> | undefined
  return {
    kind,
    pool,
    query,
    transaction: (work) => runInTransaction(pool, work),
    close: () => (closed ??= close()),
  }
}
