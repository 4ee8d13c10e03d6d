import type { AccountStatus, CredentialStatus, CredentialStore } from '../subject/credential-store.ts'
import type { Database, Queryable } from './database.ts'
import { recordOf } from '../audit/audit-event.ts'
import { shareGraph } from './graph-lock.ts'
import { subjectQuery } from './subject-query.ts'

/** Accounts and credentials in PostgreSQL. */
export function createCredentialStore(database: Database): CredentialStore {
  return {
    async use({ identities, issuerKeyId }, now, record) {
      const [written] = identities
      // whose it is the statement itself says
      const details =
        record && recordOf({ type: 'sign_in.succeeded', ...record, ...SOMEBODY, isNewAccount: false }, now).details
      const { rows } = await database.query<KnownRow>(USE, [
        identities.map(({ handle }) => handle),
        identities.map(({ publicKeyDigest }) => publicKeyDigest),
        issuerKeyId,
        now,
        written.handle,
        written.publicKeyDigest,
        written.pepperVersion,
        record?.clientId,
        details && JSON.stringify(details),
      ])
      const [row] = rows
      return (
        row && {
          credentialId: row.credential_id,
          status: row.status,
          isSameKey: row.is_same_key,
          accountId: row.account_id,
          accountStatus: row.account_status,
          isTraced: row.is_traced,
          signOuts: row.sign_outs,
          hasNews: row.has_news,
          isRecorded: row.is_recorded,
        }
      )
    },

    async subject(accountId, sector, candidate, now) {
      const find = async (on: Queryable): Promise<string | undefined> =>
        (await on.query<{ sub: string }>(SUBJECT, [accountId, sector])).rows[0]?.sub
      return (
        (await find(database)) ??
        database.transaction(async (transaction) => {
          // a merge that is under way may be about to hand a subject down: it has the graph alone, and is looked at afterwards
          await shareGraph(transaction)
          await transaction.query(NEW_SUBJECT, [accountId, sector, candidate, now])
          const sub = await find(transaction)
          if (sub === undefined) throw new Error('a subject that exists was not found')
          return sub
        })
      )
    },

    async accountStatus(accountId) {
      const { rows } = await database.query<{ status: AccountStatus }>('SELECT status FROM accounts WHERE id = $1', [
        accountId,
      ])
      return rows[0]?.status
    },
  }
}

interface KnownRow {
  readonly credential_id: string
  readonly status: CredentialStatus
  readonly is_same_key: boolean
  readonly account_id: string
  readonly account_status: AccountStatus
  readonly is_traced: boolean
  readonly sign_outs: number
  readonly has_news: boolean
  readonly is_recorded: boolean
}

const SOMEBODY = {
  accountId: '00000000-0000-0000-0000-000000000000',
  credentialId: '00000000-0000-0000-0000-000000000000',
}

/**
 * $1, $2: handle and public key digest under each pepper, $3 issuer key, $4 now, $5–$7 the first pepper's, $8, $9 what is recorded of the
 * sign-in: client and details.
 * A merge leaves `merged_into` pointing at a living account, so one step is enough.
 */
const USE = `
  WITH presented AS (
    SELECT * FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS presented (handle, public_key_digest, place)
  ), known AS (
    SELECT credentials.id AS credential_id, credentials.status, credentials.traced_at IS NOT NULL AS is_traced,
      coalesce(credentials.issuer_key_id = $3 AND credentials.public_key_digest = presented.public_key_digest, false) AS is_same_key,
      coalesce(survivor.id, account.id) AS account_id, coalesce(survivor.status, account.status) AS account_status,
      coalesce(survivor.sign_outs, account.sign_outs) + credentials.sign_outs AS sign_outs,
      EXISTS (
        SELECT FROM account_notices AS notice WHERE notice.told_at IS NULL AND notice.account_id IN (
          SELECT coalesce(survivor.id, account.id) UNION ALL
          SELECT gone.id FROM accounts AS gone WHERE gone.merged_into = coalesce(survivor.id, account.id)
        )
      ) AS has_news
    FROM presented
    JOIN credentials ON credentials.handle = presented.handle
    JOIN accounts AS account ON account.id = credentials.account_id
    LEFT JOIN accounts AS survivor ON survivor.id = account.merged_into
    ORDER BY presented.place LIMIT 1
  ), used AS (
    UPDATE credentials SET last_used_at = greatest(last_used_at, $4), handle = $5, public_key_digest = $6, pepper_version = $7
    FROM known
    WHERE credentials.id = known.credential_id
      AND known.status = 'current' AND known.is_same_key AND known.account_status = 'active'
      -- said again of the row itself: what changed it meanwhile is looked at only here (EvalPlanQual)
      AND credentials.status = 'current' AND credentials.issuer_key_id = $3
  ), recorded AS (
    INSERT INTO audit_events (at, type, actor, account_id, credential_id, client_id, details)
    SELECT $4, 'sign_in.succeeded', 'person', known.account_id, known.credential_id, $8, $9::jsonb FROM known
    WHERE $8::text IS NOT NULL AND known.status = 'current' AND known.is_same_key AND known.account_status = 'active'
    RETURNING 1
  )
  SELECT known.*, EXISTS (SELECT FROM recorded) AS is_recorded FROM known`

const SUBJECT = subjectQuery('$1', '$2')

/** A new one belongs to the living account: one that was merged is called nothing new. */
const NEW_SUBJECT = `
  INSERT INTO subjects (account_id, sector, sub, created_at)
  SELECT coalesce(merged_into, id), $2, $3, $4 FROM accounts AS asked WHERE id = $1 AND NOT EXISTS (
    SELECT FROM inherited_subjects AS handed
    WHERE handed.account_id IN (asked.id, asked.merged_into) AND handed.sector = $2 AND handed.undone_at IS NULL
  )
  ON CONFLICT (account_id, sector) DO NOTHING`
