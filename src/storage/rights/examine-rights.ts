import type { Queryable } from '../database.ts'
import { rightsOn } from './server-rights.ts'

export interface RightsOfRole {
  readonly role: string
  /** Whether it could edit or remove a record of the audit log, or do away with the triggers that refuse it. */
  readonly canEditAudit: boolean
  /** Whether it can keep a retention. */
  readonly canPrune: boolean
  /** Tables on which it lacks something that a server needs. */
  readonly lacking: readonly string[]
}

/** What the role of this connection may do. Changes nothing. */
export async function examineRights(database: Queryable): Promise<RightsOfRole> {
  const { rows } = await database.query<{
    role: string
    table: string
    owns: boolean
    held: readonly string[]
    truncates: boolean
  }>(
    `SELECT current_user::text AS role, tablename::text AS "table", pg_has_role(tableowner, 'USAGE') AS owns,
       array(SELECT right_ FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_
             WHERE has_table_privilege(format('%I.%I', schemaname, tablename), right_)) AS held,
       has_table_privilege(format('%I.%I', schemaname, tablename), 'TRUNCATE') AS truncates
     FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
  )
  const events = rows.find(({ table }) => table === 'audit_events')
  const tombstones = rows.find(({ table }) => table === 'audit_tombstones')
  const has = (row: typeof events, right: string): boolean => row?.held.includes(right) === true
  return {
    role: rows[0]?.role ?? '',
    // DELETE alone is the retention's: a trigger asks for a tombstone
    canEditAudit: events === undefined || events.owns || events.truncates || has(events, 'UPDATE'),
    canPrune: has(events, 'DELETE') && has(tombstones, 'INSERT'),
    lacking: rows
      .filter(({ table, held }) => rightsOn(table, { mayPrune: false }).some((right) => !held.includes(right)))
      .map(({ table }) => table),
  }
}
