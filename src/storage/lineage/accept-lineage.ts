import type { Queryable } from '../database.ts'
import { SYSTEM_IDENTIFIER, TIMELINE } from './installation.ts'

/** From now on this database is the one. The last step of a recovery, in the transaction of what must have been done by then. */
export async function acceptLineage(transaction: Queryable, at: Date): Promise<void> {
  await transaction.query(
    `INSERT INTO installation (system_identifier, timeline, written_in, schema_release, recovered_at)
     SELECT ${SYSTEM_IDENTIFIER}, ${TIMELINE}, pg_current_xact_id(), 1, $1
     ON CONFLICT (only_row) DO UPDATE SET system_identifier = excluded.system_identifier, timeline = excluded.timeline,
       written_in = excluded.written_in, recovered_at = excluded.recovered_at`,
    [at],
  )
}
