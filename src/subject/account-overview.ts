import type { ErrorCode } from '../error-registry/registry.ts'
import type { CredentialKind, CredentialStatus } from './credential-store.ts'

/** A card or phone of a person, as they may see it: never a serial. */
export interface CredentialOverview {
  readonly credentialId: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly firstSeenAt: Date
  readonly lastUsedAt: Date | undefined
  /** Unknown for a predecessor that never signed in here. */
  readonly notAfter: Date | undefined
}

/** A site that has got an identifier of this person. */
export interface ConnectionOverview {
  readonly clientId: string
  readonly firstAt: Date
  readonly lastAt: Date
  /** Sessions or tokens of the site that are good now. */
  readonly isLive: boolean
}

export interface SessionOverview {
  /** Names the session in a form; opens nothing. */
  readonly reference: string
  readonly signedInAt: Date
  readonly expiresAt: Date
}

export interface SignInOverview {
  readonly at: Date
  readonly clientId: string
  /** Undefined: it succeeded. */
  readonly code: ErrorCode | undefined
}

/** Everything Sekisho knows about a person, for that person. */
export interface AccountOverview {
  readonly createdAt: Date
  readonly credentials: readonly CredentialOverview[]
  readonly connections: readonly ConnectionOverview[]
  readonly sessions: readonly SessionOverview[]
  /** Newest first, so many at most. */
  readonly signIns: readonly SignInOverview[]
}

/** Port: what `/account` reads and ends. */
export interface AccountOverviewStore {
  read(
    accountId: string,
    options: { readonly now: Date; readonly signIns: number },
  ): Promise<AccountOverview | undefined>
  /** Ends every grant and token of the account at a site, and tells the site. @returns false when there was none */
  disconnect(accountId: string, clientId: string, at: Date): Promise<boolean>
  /** Ends one session of the account, with the grants it holds, and tells its sites. @returns false when it is not there any more */
  endSession(accountId: string, reference: string, at: Date): Promise<boolean>
}

/** A certificate can be renewed from three months before its end (jpki.md §2.5). */
export const RENEWAL_WINDOW_MS = 92 * 86_400_000

/** The end of the newest current certificate, when it lies within the renewal window: worth a notice. */
export function renewalDue(credentials: readonly CredentialOverview[], now: Date): Date | undefined {
  const ends = credentials
    .filter(({ status, kind }) => status === 'current' && kind !== 'card-sign')
    .flatMap(({ notAfter }) => (notAfter === undefined ? [] : [notAfter.getTime()]))
  const last = Math.max(...ends)
  return ends.length > 0 && last - now.getTime() <= RENEWAL_WINDOW_MS ? new Date(last) : undefined
}

/** Whether a hand-over code may be made for the card or phone of this session: it must be in use itself. */
export function mayHandOver(credentials: readonly CredentialOverview[], credentialId: string): boolean {
  return credentials.some(
    (one) => one.credentialId === credentialId && one.status === 'current' && one.kind !== 'card-sign',
  )
}
