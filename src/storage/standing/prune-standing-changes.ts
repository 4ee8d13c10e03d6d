import type { Database } from '../database.ts'
import { isOwnRow } from '../lineage/installation.ts'

/** A process that has not looked for as long begins anew. */
const KEPT_MS = 5 * 60_000

/**
 * Removes changes that are so old that every process that is asked anything knows them; and says up to where, so that one that does not, knows that.
 *
 * @returns how many rows went
 */
export async function pruneStandingChanges(database: Database, now: Date, limit: number): Promise<number> {
  const { rows } = await database.query<{ gone: number }>(PRUNE, [new Date(now.getTime() - KEPT_MS), limit])
  return rows[0]?.gone ?? 0
}

/** Changes that were copied here with a dump name transactions of another server, maybe such as are to come. */
const PRUNE = `WITH gone AS (
    DELETE FROM standing_changes WHERE ctid IN (
      SELECT ctid FROM standing_changes WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING written_in
  ), told AS (
    UPDATE standing_memory SET forgotten = greatest(forgotten, newest.written_in), written_in = pg_current_xact_id()
    FROM (SELECT max(written_in) AS written_in FROM gone WHERE written_in < pg_snapshot_xmax(pg_current_snapshot())) AS newest
    WHERE newest.written_in IS NOT NULL AND ${isOwnRow('standing_memory')}
  )
  SELECT count(*)::integer AS gone FROM gone`
