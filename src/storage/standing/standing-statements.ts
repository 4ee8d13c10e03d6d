import { isOwnRow } from '../lineage/installation.ts'
import { subjectQuery } from '../subject-query.ts'

/** Of more changes than this nobody is told one by one: somebody changed everybody, and an answer must not be as long as a table. */
export const MOST_CHANGES = 200

/** What has changed since a process last looked. */
export interface ChangesRow {
  /** The snapshot of this statement (pg_snapshot): what ends later is a change the next time. */
  readonly seen: string
  /** Names the unbroken row of changes that is looked at; null where there is none, or it does not reach back to where it was asked from. */
  readonly memory: string | null
  /** Account ids; null, or more than `MOST_CHANGES`: anybody may have changed. */
  readonly moved: readonly (string | null)[]
}

/** One for each question that has a yes; without one, or without any question, a single row that has no place. */
export interface StandingRow extends ChangesRow {
  readonly place: string | null
  readonly sign_outs: number
  readonly sub: string | null
  /** All that it depends on is written down under this one account when it changes. */
  readonly is_plain: boolean
}

/**
 * A transaction was under way or not yet begun at the snapshot `$1`, and has ended now: exactly those are looked at that committed in between. Both
 * are told by this statement's own snapshot, so nothing can fall between two looks. A server's start, an unlogged row and the file of the changes
 * say that it is still the same history: a crash, a take-over, a restored copy, a copy made by the same server (its database is part of the file's
 * path) and changes that were truncated each begin another one (migration 0021). In order, so that the index is taken whatever the planner knows.
 */
const CHANGES = `SELECT pg_current_snapshot()::text AS seen,
    (SELECT concat_ws(' ', number, extract(epoch FROM pg_postmaster_start_time()), pg_relation_filepath('standing_changes')) FROM standing_memory
      WHERE ${isOwnRow('standing_memory')} AND ($1::pg_snapshot IS NULL OR forgotten IS NULL OR forgotten < pg_snapshot_xmin($1::pg_snapshot))) AS memory,
    ARRAY(SELECT account_id FROM standing_changes
      WHERE written_in >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(written_in, $1::pg_snapshot)
      ORDER BY written_in LIMIT ${MOST_CHANGES + 1}) AS moved`

/**
 * There was a consent, and none stands any more, or another one than that by which the token was given: what was agreed to anew does not
 * bring back what was granted before. A token says its second only. Where there never was a consent, tokens are older than the first
 * (migration 0009).
 */
const WITHDRAWN = `coalesce((
  SELECT bool_and(revoked_at IS NOT NULL) OR bool_or(revoked_at >= to_timestamp(question.granted_at) + interval '1 second') FROM consents
  WHERE client_id = question.asked_for
    AND account_id IN (SELECT given.id FROM accounts given WHERE given.id = question.account_id OR given.merged_into = question.account_id)
), false)`

const STANDING = `SELECT question.place, asked.sign_outs + credentials.sign_outs AS sign_outs,
    CASE WHEN question.sector IS NOT NULL THEN (SELECT called.sub FROM (${subjectQuery('question.account_id', 'question.sector')}) AS called) END AS sub,
    asked.merged_into IS NULL AND home.id = asked.id
      AND NOT EXISTS (SELECT FROM accounts AS gone WHERE gone.merged_into = asked.id)
      AND (question.sector IS NULL
        OR EXISTS (SELECT FROM subjects AS own WHERE own.account_id = asked.id AND own.sector = question.sector)) AS is_plain
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[])
    WITH ORDINALITY AS question (account_id, credential_id, asked_for, granted_at, sector, place)
  JOIN credentials ON credentials.id = question.credential_id
  JOIN accounts AS home ON home.id = credentials.account_id
  JOIN accounts AS asked ON asked.id = question.account_id
  JOIN accounts AS living ON living.id = coalesce(asked.merged_into, asked.id)
  WHERE credentials.status IN ('current', 'superseded')
    AND coalesce(home.merged_into, home.id) = living.id AND living.status = 'active'
    AND (question.asked_for IS NULL OR NOT ${WITHDRAWN})`

/** `$1` the snapshot of the last look, or null. */
export const WHAT_CHANGED = CHANGES

/** Beside it how some people stand, in the same moment: `$2` … their questions, column by column. */
export const HOW_THEY_STAND = `SELECT changes.*, standing.* FROM (${CHANGES}) AS changes LEFT JOIN (${STANDING}) AS standing ON true`

/** In the place of one that is missing or was copied. */
export const BEGIN_MEMORY = `INSERT INTO standing_memory DEFAULT VALUES
  ON CONFLICT (only_row) DO UPDATE SET number = excluded.number, written_in = excluded.written_in, forgotten = NULL
  WHERE NOT (${isOwnRow('standing_memory')})`
