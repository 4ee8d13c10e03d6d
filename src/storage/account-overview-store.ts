import { isErrorCode } from '../error-registry/registry.ts'
import type { AccountOverviewStore } from '../subject/account-overview.ts'
import type { CredentialKind, CredentialStatus } from '../subject/credential-store.ts'
import type { Database } from './database.ts'
import { disconnectSite, endSession } from './sign-out.ts'

/** What a person may see and end, read out of the tables that others write. */
export function createAccountOverviewStore(database: Database): AccountOverviewStore {
  return {
    async read(accountId, { now, signIns }) {
      const { rows: accounts } = await database.query<{ created_at: Date }>(
        'SELECT created_at FROM accounts WHERE id = $1',
        [accountId],
      )
      const [account] = accounts
      if (account === undefined) return undefined
      const { rows: credentials } = await database.query<CredentialRow>(
        `SELECT id, kind, status, first_seen_at, last_used_at, not_after FROM credentials
         WHERE account_id IN (SELECT accounts.id FROM accounts WHERE $1 IN (accounts.id, accounts.merged_into))
         ORDER BY first_seen_at DESC, id`,
        [accountId],
      )
      const { rows: connections } = await database.query<ConnectionRow>(CONNECTIONS, [accountId, now])
      const { rows: sessions } = await database.query<SessionRow>(
        `SELECT encode(uid_digest, 'hex') AS reference, (payload ->> 'loginTs')::bigint AS signed_in_at, expires_at
         FROM oidc_artifacts
         WHERE model = 'Session' AND payload ->> 'accountId' = $1 AND expires_at > $2
         ORDER BY written_at DESC`,
        [accountId, now],
      )
      const { rows: events } = await database.query<SignInRow>(
        `SELECT at, client_id, details ->> 'code' AS code FROM audit_events
         WHERE account_id = $1 AND type IN ('sign_in.succeeded', 'sign_in.refused') AND client_id IS NOT NULL
         ORDER BY sequence DESC LIMIT $2`,
        [accountId, signIns],
      )
      return {
        createdAt: account.created_at,
        credentials: credentials.map((row) => ({
          credentialId: row.id,
          kind: row.kind,
          status: row.status,
          firstSeenAt: row.first_seen_at,
          lastUsedAt: row.last_used_at ?? undefined,
          notAfter: row.not_after ?? undefined,
        })),
        connections: connections.map((row) => ({
          clientId: row.client_id,
          firstAt: row.first_at,
          lastAt: row.last_at,
          isLive: row.is_live,
        })),
        sessions: sessions.map((row) => ({
          reference: row.reference,
          signedInAt: new Date(Number(row.signed_in_at) * 1000),
          expiresAt: row.expires_at,
        })),
        signIns: events.map(({ at, client_id, code }) => ({
          at,
          clientId: client_id,
          code: code !== null && isErrorCode(code) ? code : undefined,
        })),
      }
    },

    disconnect: (accountId, clientId, at) =>
      database.transaction((transaction) => disconnectSite(transaction, { accountId, clientId }, at)),

    async endSession(accountId, reference, at) {
      if (!/^[0-9a-f]{64}$/.test(reference)) return false
      const session = { accountId, reference: Buffer.from(reference, 'hex') }
      return database.transaction((transaction) => endSession(transaction, session, at))
    },
  }
}

/** Sites the person tapped the card for, and sites that hold a grant from a session that was still good. */
const CONNECTIONS = `
  WITH taps AS (
    SELECT client_id, min(at) AS first_at, max(at) AS last_at FROM audit_events
    WHERE account_id = $1 AND type = 'sign_in.succeeded' AND client_id IS NOT NULL GROUP BY client_id
  ), grants AS (
    SELECT payload ->> 'clientId' AS client_id, min(written_at) AS first_at, max(written_at) AS last_at
    FROM oidc_artifacts
    WHERE model = 'Grant' AND payload ->> 'accountId' = $1::text AND expires_at > $2 GROUP BY 1
  )
  SELECT client_id, least(taps.first_at, grants.first_at) AS first_at, greatest(taps.last_at, grants.last_at) AS last_at,
    grants.client_id IS NOT NULL AS is_live
  FROM taps FULL JOIN grants USING (client_id)
  ORDER BY last_at DESC, client_id`

interface CredentialRow {
  readonly id: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly first_seen_at: Date
  readonly last_used_at: Date | null
  readonly not_after: Date | null
}

interface ConnectionRow {
  readonly client_id: string
  readonly first_at: Date
  readonly last_at: Date
  readonly is_live: boolean
}

interface SessionRow {
  readonly reference: string
  /** Seconds since 1970; a bigint comes as text. */
  readonly signed_in_at: string
  readonly expires_at: Date
}

interface SignInRow {
  readonly at: Date
  readonly client_id: string
  readonly code: string | null
}
