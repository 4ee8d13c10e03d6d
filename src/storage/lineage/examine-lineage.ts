import type pg from 'pg'
import { Refusal } from '../../error-registry/refusal.ts'
import type { Queryable } from '../database.ts'
import { limitedQuery } from '../limited-query.ts'
import { IS_OWN_ROW, SYSTEM_IDENTIFIER, TIMELINE } from './installation.ts'

/** What a server may be that was promoted: `synchronous` standbys have every commit, of others nobody knows. */
export type Standbys = 'none' | 'synchronous'

const EXAMINE = `
  SELECT ${IS_OWN_ROW} AS own_row,
    system_identifier IS NOT DISTINCT FROM ${SYSTEM_IDENTIFIER} AS same_server,
    timeline IS NOT DISTINCT FROM ${TIMELINE} AS same_timeline
  FROM installation`

interface Examined {
  readonly own_row: boolean
  readonly same_server: boolean
  readonly same_timeline: boolean
}

/** @returns why this database is not the one that it was, or undefined */
function faultOf(examined: Examined | undefined, standbys: Standbys): string | undefined {
  if (examined === undefined) return 'its row in “installation” is gone'
  if (!examined.same_server || !examined.own_row) return 'its rows were copied from another database, or from a backup'
  if (!examined.same_timeline && standbys !== 'synchronous') {
    return 'it was recovered from a backup, or a standby was promoted: what was committed last may be missing'
  }
  return undefined
}

/** Changes nothing. @returns why this database is not the one that it was, or undefined */
export async function findLineageFault(database: Queryable, standbys: Standbys): Promise<string | undefined> {
  const { rows } = await database.query<Examined>(EXAMINE)
  return faultOf(rows[0], standbys)
}

/**
 * That this is the database it was when it was last used: nobody restored it to an earlier day (docs/adr/0014). What was revoked, used
 * or undone since then would be valid again.
 *
 * @throws Refusal SERVER_DATABASE_RESTORED, which “sekisho recover” ends
 */
export async function requireUnbrokenLineage(database: Queryable, standbys: Standbys): Promise<void> {
  const { rows } = await database.query<Examined>(EXAMINE)
  const fault = faultOf(rows[0], standbys)
  if (fault !== undefined) throw new Refusal('SERVER_DATABASE_RESTORED', `${fault}. ${WHAT_TO_DO}`)
  if (rows[0]?.same_timeline === false) await database.query(FOLLOW_TIMELINE)
}

/**
 * The same for every connection that a running process makes from now on: a database may be exchanged under it. What is refused here is
 * refused to every statement, until the database is in order; then the process goes on by itself.
 */
export function guardConnections(pool: pg.Pool, standbys: Standbys): void {
  pool.options.verify = (client, done) => {
    // between the pool and whoever asked for it nobody else listens: a connection that breaks just then would end the process
    client.on('error', ignore)
    client.query<Examined>(limitedQuery(EXAMINE)).then(
      ({ rows }) => {
        const fault = faultOf(rows[0], standbys)
        done(fault === undefined ? undefined : new Refusal('SERVER_DATABASE_RESTORED', fault))
      },
      (fault: unknown) => {
        done(fault instanceof Error ? fault : new Error(String(fault)))
      },
    )
  }
}

function ignore(): void {
  // the statement fails with it
}

const WHAT_TO_DO = 'Nothing is served from it until “sekisho recover” (docs/operations.md, “Backup and restore”)'

const FOLLOW_TIMELINE = `UPDATE installation SET timeline = ${TIMELINE}, written_in = pg_current_xact_id() WHERE ${IS_OWN_ROW}`
