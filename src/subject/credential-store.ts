import type { AuditEvent } from '../audit/audit-event.ts'
import type { PepperedIdentity } from './credential-handle.ts'

export type CredentialKind = 'card-auth' | 'card-sign' | 'phone-auth'
export type CredentialStatus = 'current' | 'superseded' | 'revoked' | 'unlinked'
export type AccountStatus = 'active' | 'suspended' | 'closed' | 'merged'

/** A certificate that was judged good, without its serial. */
export interface PresentedCredential {
  readonly kind: 'card-auth' | 'phone-auth'
  /** Under every pepper; the first is the one that is written. */
  readonly identities: readonly [PepperedIdentity, ...PepperedIdentity[]]
  readonly issuerKeyId: Uint8Array
  readonly notAfter: Date
}

export interface KnownCredential {
  readonly credentialId: string
  readonly status: CredentialStatus
  /** Same issuer key and same public key as at the first log-in. False too when that was never recorded. */
  readonly isSameKey: boolean
  /** Of a merged account: the one it was merged into. */
  readonly accountId: string
  readonly accountStatus: AccountStatus
  /** The linkage service was asked about it, to the end. */
  readonly isTraced: boolean
  /** How often the account, and what came of the card, was signed out so far. */
  readonly signOuts: number
  /** There is something about the account that its person was not told yet (notice/). */
  readonly hasNews: boolean
  /** The sign-in that was handed in is in the audit log. */
  readonly isRecorded: boolean
}

/** What is written down of a sign-in, but for whose it is. */
export type SignInRecord = Omit<
  Extract<AuditEvent, { type: 'sign_in.succeeded' }>,
  'type' | 'accountId' | 'credentialId' | 'isNewAccount'
>

/** Port: accounts, their credentials and what sites call them. */
export interface CredentialStore {
  /**
   * The one query of an ordinary log-in. A credential that may sign in (current, same key, active account) is marked as used at
   * `now`, and its row moves to the first pepper.
   *
   * @param record written to the audit log in the same step, when the credential may sign in
   */
  use(presented: PresentedCredential, now: Date, record?: SignInRecord): Promise<KnownCredential | undefined>

  /**
   * The subject of an account in a sector: its own, or the one it inherited from an account that was merged into it
   * (docs/adr/0004), or `candidate`, stored now as its own. Of N parallel callers all get the same.
   */
  subject(accountId: string, sector: string, candidate: string, now: Date): Promise<string>

  accountStatus(accountId: string): Promise<AccountStatus | undefined>
}
