import type pg from 'pg'
import type { Queryable } from './database.ts'
import { limitedQuery } from './limited-query.ts'
import { translateStorageFault } from './storage-fault.ts'

/** See `Database.transaction`. */
export async function runInTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch((fault: unknown) => {
    throw translateStorageFault(fault)
  })
  // A connection that breaks between two statements tells it by an event, and an unheard 'error' ends the process.
  client.on('error', ignore)
  const query: Queryable['query'] = (text, values) => client.query(limitedQuery(text, values))
  let broken: Error | undefined
  try {
    await query('BEGIN')
    const result = await work({ query })
    await query('COMMIT')
    return result
  } catch (fault) {
    // A connection that cannot even roll back is thrown away, and PostgreSQL rolls back for it.
    broken = await query('ROLLBACK').then(
      () => undefined,
      (rollbackFault: unknown) => new Error('ROLLBACK failed', { cause: rollbackFault }),
    )
    throw translateStorageFault(fault)
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}

function ignore(): void {
  // the next statement fails with it
}
