import { NO_CONSENT, type Consent } from '../relying-party/consent/consent.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database } from './database.ts'

/** Consents in PostgreSQL; each change with its audit event in one transaction. */
export function createConsentStore({
  database,
  now,
}: {
  readonly database: Database
  readonly now: () => Date
}): ConsentStore {
  return {
    async find(accountId, clientId) {
      const { rows } = await database.query<ConsentRow>(`${STANDING} AND client_id = $2 ${BY_SITE}`, [
        accountId,
        clientId,
      ])
      return rows[0] === undefined ? NO_CONSENT : consentOf(rows[0])
    },

    async list(accountId) {
      const { rows } = await database.query<ConsentRow>(`${STANDING} ${BY_SITE}`, [accountId])
      return rows.map((row) => ({ clientId: row.client_id, consent: consentOf(row), givenAt: row.granted_at }))
    },

    give: (accountId, clientId, consent) =>
      database.transaction(async (transaction) => {
        const { scopes, claims, resourceScopes } = consent
        await transaction.query(GIVE, [accountId, clientId, scopes, claims, resourceScopes, now()])
        const event = { type: 'consent.given', accountId, clientId, ...copyOf(consent) } as const
        await appendAuditEvents(transaction, [event], now())
      }),

    decline: (accountId, clientId) =>
      appendAuditEvents(database, [{ type: 'consent.declined', accountId, clientId }], now()),

    withdraw: (accountId, clientId) =>
      database.transaction(async (transaction) => {
        const { rowCount } = await transaction.query(
          `UPDATE consents SET revoked_at = greatest($3, granted_at)
           WHERE ${OF_ACCOUNT} AND client_id = $2 AND revoked_at IS NULL`,
          [accountId, clientId, now()],
        )
        if (rowCount === 0) return false
        await appendAuditEvents(transaction, [{ type: 'consent.withdrawn', accountId, clientId }], now())
        return true
      }),
  }
}

/** The account's own, and those of accounts that were merged into it. */
const OF_ACCOUNT =
  'account_id IN (SELECT accounts.id FROM accounts WHERE accounts.id = $1 OR accounts.merged_into = $1)'

/** Rows of one person at one site are more than one only after a merge. */
const STANDING = `SELECT client_id, max(granted_at) AS granted_at,
    jsonb_agg(scopes) AS scopes, jsonb_agg(claims) AS claims, jsonb_agg(resource_scopes) AS resource_scopes
  FROM consents WHERE ${OF_ACCOUNT} AND revoked_at IS NULL`
const BY_SITE = 'GROUP BY client_id ORDER BY max(granted_at) DESC, client_id'

const GIVE = `INSERT INTO consents (account_id, client_id, scopes, claims, resource_scopes, granted_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (account_id, client_id) WHERE revoked_at IS NULL DO UPDATE SET
    scopes = ${union('scopes')}, claims = ${union('claims')}, resource_scopes = ${union('resource_scopes')},
    granted_at = greatest(consents.granted_at, excluded.granted_at)`

function union(column: string): string {
  return `ARRAY(SELECT DISTINCT item FROM unnest(consents.${column} || excluded.${column}) AS item ORDER BY item)`
}

interface ConsentRow {
  readonly client_id: string
  readonly granted_at: Date
  /** One list for each row that stands. */
  readonly scopes: readonly (readonly string[])[]
  readonly claims: readonly (readonly string[])[]
  readonly resource_scopes: readonly (readonly string[])[]
}

function consentOf({ scopes, claims, resource_scopes: resourceScopes }: ConsentRow): Consent {
  return { scopes: merged(scopes), claims: merged(claims), resourceScopes: merged(resourceScopes) }
}

function merged(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())]
}

function copyOf({ scopes, claims, resourceScopes }: Consent) {
  return { scopes: [...scopes], claims: [...claims], resourceScopes: [...resourceScopes] }
}
