import type { AccountStatus, CredentialStatus, CredentialStore } from '../subject/credential-store.ts'
import type { Database } from './database.ts'

/** Accounts and credentials in PostgreSQL. */
export function createCredentialStore(database: Database): CredentialStore {
  return {
    async use({ identities, issuerKeyId }, now) {
      const [written] = identities
      const { rows } = await database.query<KnownRow>(USE, [
        identities.map(({ handle }) => handle),
        identities.map(({ publicKeyDigest }) => publicKeyDigest),
        issuerKeyId,
        now,
        written.handle,
        written.publicKeyDigest,
        written.pepperVersion,
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
        }
      )
    },

    async subject(accountId, sector, candidate, now) {
      const find = async (): Promise<string | undefined> =>
        (
          await database.query<{ sub: string }>(
            `SELECT sub, 1 AS place FROM subjects WHERE account_id = $1 AND sector = $2
             UNION ALL
             SELECT sub, 2 FROM inherited_subjects WHERE account_id = $1 AND sector = $2 AND undone_at IS NULL
             ORDER BY place LIMIT 1`,
            [accountId, sector],
          )
        ).rows[0]?.sub
      const known = await find()
      if (known !== undefined) return known
      const { rows } = await database.query<{ sub: string }>(
        `INSERT INTO subjects (account_id, sector, sub, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, sector) DO NOTHING RETURNING sub`,
        [accountId, sector, candidate, now],
      )
      const sub = rows[0]?.sub ?? (await find())
      if (sub === undefined) throw new Error('a subject that exists was not found')
      return sub
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
}

/**
 * $1, $2: handle and public key digest under each pepper, $3 issuer key, $4 now, $5–$7 the first pepper's.
 * A merge leaves `merged_into` pointing at a living account, so one step is enough.
 */
const USE = `
  WITH presented AS (
    SELECT * FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS presented (handle, public_key_digest, place)
  ), known AS (
    SELECT credentials.id AS credential_id, credentials.status, credentials.traced_at IS NOT NULL AS is_traced,
      coalesce(credentials.issuer_key_id = $3 AND credentials.public_key_digest = presented.public_key_digest, false) AS is_same_key,
      coalesce(survivor.id, account.id) AS account_id, coalesce(survivor.status, account.status) AS account_status
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
  )
  SELECT * FROM known`
