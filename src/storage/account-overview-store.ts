import { isErrorCode } from '../error-registry/registry.ts'
import type { AccountOverviewStore, ConnectionOverview } from '../subject/account-overview.ts'
import type { CredentialKind, CredentialStatus } from '../subject/credential-store.ts'
import type { Database } from './database.ts'
import type { HeldGrant, Holdings } from './holdings.ts'

/** What a person may see and end, read out of what others write. */
export function createAccountOverviewStore({
  database,
  holdings,
}: {
  readonly database: Database
  readonly holdings: Holdings
}): AccountOverviewStore {
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
      const { rows: taps } = await database.query<TapsRow>(TAPS, [accountId])
      const grants = await holdings.grants(accountId, now)
      const { rows: events } = await database.query<SignInRow>(
        `SELECT at, client_id, details ->> 'code' AS code FROM audit_events
         WHERE account_id IN (SELECT accounts.id FROM accounts WHERE $1 IN (accounts.id, accounts.merged_into))
           AND type IN ('sign_in.succeeded', 'sign_in.refused') AND client_id IS NOT NULL
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
        connections: connectionsOf(taps, grants),
        sessions: await holdings.sessions(accountId, now),
        signIns: events.map(({ at, client_id, code }) => ({
          at,
          clientId: client_id,
          code: code !== null && isErrorCode(code) ? code : undefined,
        })),
      }
    },

    disconnect: (accountId, clientId, at) => holdings.disconnect(accountId, clientId, at),
    endSession: (accountId, reference, at) => holdings.endSession(accountId, reference, at),
  }
}

/** Sites the person tapped the card for, and sites that hold a grant from a session that was still good. */
function connectionsOf(taps: readonly TapsRow[], grants: readonly HeldGrant[]): readonly ConnectionOverview[] {
  const uses = [
    ...grants.map((grant) => ({ ...grant, isLive: true })),
    ...taps.map((row) => ({ clientId: row.client_id, firstAt: row.first_at, lastAt: row.last_at, isLive: false })),
  ]
  return [...Map.groupBy(uses, ({ clientId }) => clientId)]
    .map(([clientId, of]) => ({
      clientId,
      firstAt: new Date(Math.min(...of.map(({ firstAt }) => firstAt.getTime()))),
      lastAt: new Date(Math.max(...of.map(({ lastAt }) => lastAt.getTime()))),
      isLive: of.some(({ isLive }) => isLive),
    }))
    .toSorted((one, other) => Number(other.lastAt) - Number(one.lastAt) || one.clientId.localeCompare(other.clientId))
}

const TAPS = `SELECT client_id, min(at) AS first_at, max(at) AS last_at FROM audit_events
  WHERE account_id IN (SELECT accounts.id FROM accounts WHERE $1 IN (accounts.id, accounts.merged_into))
    AND type = 'sign_in.succeeded' AND client_id IS NOT NULL GROUP BY client_id`

interface CredentialRow {
  readonly id: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly first_seen_at: Date
  readonly last_used_at: Date | null
  readonly not_after: Date | null
}

interface TapsRow {
  readonly client_id: string
  readonly first_at: Date
  readonly last_at: Date
}

interface SignInRow {
  readonly at: Date
  readonly client_id: string
  readonly code: string | null
}
