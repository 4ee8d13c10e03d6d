import type { SignOut } from '../subject/graph/account-graph-store.ts'
import type { SessionOverview } from '../subject/account-overview.ts'
import type { Database } from './database.ts'
import { disconnectSite, endSession } from './sign-out.ts'

/** A grant that a site holds. */
export interface HeldGrant {
  readonly clientId: string
  readonly firstAt: Date
  readonly lastAt: Date
}

/** What browsers and sites hold of an account, in the place of what is short-lived. Sites are told of whatever ends. */
export interface Holdings {
  sessions(accountId: string, now: Date): Promise<readonly SessionOverview[]>
  /** One a site. */
  grants(accountId: string, now: Date): Promise<readonly HeldGrant[]>
  /** @returns false when the site held nothing */
  disconnect(accountId: string, clientId: string, at: Date): Promise<boolean>
  /** As a log-out does. @param reference SHA-256 of the session's uid, hexadecimal @returns false when it is not there any more */
  endSession(accountId: string, reference: string, at: Date): Promise<boolean>
  /** Carries out what was decided `at` that moment: nothing that began later. May be asked again. */
  signOut(signOut: SignOut, at: Date): Promise<void>
}

export const REFERENCE = /^[0-9a-f]{64}$/

/** In PostgreSQL. */
export function createHoldings(database: Database): Holdings {
  return {
    async sessions(accountId, now) {
      const { rows } = await database.query<SessionRow>(
        `SELECT encode(uid_digest, 'hex') AS reference, (payload ->> 'loginTs')::bigint AS signed_in_at, expires_at
         FROM oidc_artifacts
         WHERE model = 'Session' AND payload ->> 'accountId' = $1 AND expires_at > $2
         ORDER BY written_at DESC`,
        [accountId, now],
      )
      return rows.map((row) => ({
        reference: row.reference,
        signedInAt: new Date(Number(row.signed_in_at) * 1000),
        expiresAt: row.expires_at,
      }))
    },

    async grants(accountId, now) {
      const { rows } = await database.query<GrantRow>(
        `SELECT payload ->> 'clientId' AS client_id, min(written_at) AS first_at, max(written_at) AS last_at
         FROM oidc_artifacts
         WHERE model = 'Grant' AND payload ->> 'accountId' = $1 AND expires_at > $2 GROUP BY 1`,
        [accountId, now],
      )
      return rows.map((row) => ({ clientId: row.client_id, firstAt: row.first_at, lastAt: row.last_at }))
    },

    disconnect: (accountId, clientId, at) =>
      database.transaction((transaction) => disconnectSite(transaction, { accountId, clientId }, at)),

    async endSession(accountId, reference, at) {
      if (!REFERENCE.test(reference)) return false
      const session = { accountId, reference: Buffer.from(reference, 'hex') }
      return database.transaction((transaction) => endSession(transaction, session, at))
    },

    // carried out in the transaction that decided it
    signOut: () => Promise.resolve(),
  }
}

interface SessionRow {
  readonly reference: string
  /** Seconds since 1970; a bigint comes as text. */
  readonly signed_in_at: string
  readonly expires_at: Date
}

interface GrantRow {
  readonly client_id: string
  readonly first_at: Date
  readonly last_at: Date
}
