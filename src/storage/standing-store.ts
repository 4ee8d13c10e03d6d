import type { Standing, StandingQuestion } from '../oidc/find-account.ts'
import { askTogether } from './ask-together.ts'
import type { Database } from './database.ts'
import { subjectQuery } from './subject-query.ts'

/**
 * More than the requests that one process works on at a time under load. All that is in a question was made or registered here, nothing is as a request
 * brought it: none can spoil the statement for the others.
 */
const MOST_TOGETHER = 100

/**
 * Whether an account may go on with what one of its cards was tapped for, in one indexed statement. A renewed card (`superseded`)
 * does not log anybody out; one that was revoked, unlinked, or moved to another account by a split does. After a merge the tokens of
 * the account that went stand with the one that is left.
 */
export function createStandingStore(database: Database): Standing {
  const find = askTogether(async (questions: readonly StandingQuestion[]) => {
    const { rows } = await database.query<StandingRow>(STANDING, [
      questions.map(({ accountId }) => accountId),
      questions.map(({ credentialId }) => credentialId),
      questions.map(({ askedFor }) => askedFor ?? null),
      questions.map(({ grantedAt }) => grantedAt ?? null),
      questions.map(({ sector }) => sector ?? null),
    ])
    const standing = new Map(rows.map((row) => [Number(row.place), row]))
    return questions.map((_question, index) => {
      const row = standing.get(index + 1)
      return row && { signOuts: row.sign_outs, subject: row.sub ?? undefined }
    })
  }, MOST_TOGETHER)

  return {
    find,
    signOutsOf: async (accountId, credentialId, askedFor, grantedAt) =>
      (await find({ accountId, credentialId, askedFor, grantedAt }))?.signOuts,
  }
}

interface StandingRow {
  readonly place: string
  readonly sign_outs: number
  readonly sub: string | null
}

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
    CASE WHEN question.sector IS NOT NULL THEN (SELECT called.sub FROM (${subjectQuery('question.account_id', 'question.sector')}) AS called) END AS sub
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[])
    WITH ORDINALITY AS question (account_id, credential_id, asked_for, granted_at, sector, place)
  JOIN credentials ON credentials.id = question.credential_id
  JOIN accounts AS home ON home.id = credentials.account_id
  JOIN accounts AS asked ON asked.id = question.account_id
  JOIN accounts AS living ON living.id = coalesce(asked.merged_into, asked.id)
  WHERE credentials.status IN ('current', 'superseded')
    AND coalesce(home.merged_into, home.id) = living.id AND living.status = 'active'
    AND (question.asked_for IS NULL OR NOT ${WITHDRAWN})`
