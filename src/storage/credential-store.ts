import type { AccountStatus, CredentialStatus, CredentialStore, NewAccount } from '../subject/credential-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'

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
        }
      )
    },

    async createAccount(account, events) {
      try {
        await database.transaction(async (transaction) => {
          await insertAccount(transaction, account)
          await appendAuditEvents(transaction, events, account.at)
        })
        return true
      } catch (fault) {
        if (fault instanceof HandleTaken) return false
        throw fault
      }
    },

    async subject(accountId, sector, candidate, now) {
      const find = async (): Promise<string | undefined> =>
        (
          await database.query<{ sub: string }>('SELECT sub FROM subjects WHERE account_id = $1 AND sector = $2', [
            accountId,
            sector,
          ])
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
}

/**
 * $1, $2: handle and public key digest under each pepper, $3 issuer key, $4 now, $5–$7 the first pepper's.
 * A merge leaves `merged_into` pointing at a living account, so one step is enough.
 */
const USE = `
  WITH presented AS (
    SELECT * FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS presented (handle, public_key_digest, place)
  ), known AS (
    SELECT credentials.id AS credential_id, credentials.status,
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

/** Another log-in of the same card was faster. */
class HandleTaken extends Error {
  override readonly name = 'HandleTaken'
}

async function insertAccount(transaction: Queryable, account: NewAccount): Promise<void> {
  const { accountId, credentialId, kind, presented, at } = account
  const { identities, issuerKeyId, notAfter } = presented
  const [written] = identities
  if (identities.length > 1) {
    // Two processes that are a step apart in changing the pepper write different handles, which unique(handle) does not
    // see. Both know the oldest pepper: they take turns by it, and the second one finds the first one's row below.
    const oldest = identities.reduce((one, other) => (other.pepperVersion < one.pepperVersion ? other : one))
    const key = Buffer.from(oldest.handle).readBigInt64BE()
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [key.toString()])
  }
  await transaction.query(`INSERT INTO accounts (id, status, created_at) VALUES ($1, 'active', $2)`, [accountId, at])
  // unique(handle) decides: the slower one waits for the faster one's transaction and then inserts nothing
  const { rowCount } = await transaction.query(
    `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, issuer_key_id, public_key_digest, not_after,
       status, first_seen_at, last_used_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'current', $9, $9
     WHERE NOT EXISTS (SELECT FROM credentials WHERE handle = ANY ($10::bytea[]))
     ON CONFLICT (handle) DO NOTHING`,
    [
      credentialId,
      accountId,
      kind,
      written.handle,
      written.pepperVersion,
      issuerKeyId,
      written.publicKeyDigest,
      notAfter,
      at,
      identities.map(({ handle }) => handle),
    ],
  )
  if (rowCount !== 1) throw new HandleTaken('another log-in of the same card was faster')
}
