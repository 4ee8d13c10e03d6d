import type { CertificateIdentity } from '../certificate/judgement.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { SignInRecord } from './credential-store.ts'

/** A card that has an account now. */
export interface Resolved {
  readonly outcome: 'known' | 'created'
  /** The one to sign in to; of a merged account the one that is left. */
  readonly accountId: string
  readonly credentialId: string
  /** How often it was signed out until it was recognised, where that was read with it. */
  readonly signOuts?: number
  /** Whether its person is to be told something (notice/), where that was read with it. */
  readonly hasNews?: boolean
  /** The sign-in that was handed in is in the audit log. */
  readonly isRecorded?: boolean
}

export type Refused = { readonly outcome: 'refused'; readonly code: ErrorCode }

/** `newcomer`: unknown, and nobody can be asked who this was before: the person has to say. Nothing was written. */
export type Resolution = Resolved | Refused | { readonly outcome: 'newcomer' }

export interface SubjectResolver {
  /**
   * The account behind a certificate that was judged good: one query when the card is known, otherwise its chain (design.md §6).
   *
   * @param record of this sign-in: it goes to the audit log with that one query; what is not `isRecorded` then is the caller's to record
   * @throws Refusal SERVER_STORAGE_UNAVAILABLE
   */
  resolve(identity: CertificateIdentity, record?: SignInRecord): Promise<Resolution>

  /** After `newcomer`, "I am new here": a new account. */
  admit(identity: CertificateIdentity): Promise<Resolved | Refused>

  /**
   * After `newcomer`, "I have renewed my card": the account a hand-over code leads to.
   * LINK_HAND_OVER_CODE_MISTYPED and _INVALID leave the card unknown, so that the person may try again.
   */
  redeem(identity: CertificateIdentity, typedCode: string): Promise<Resolved | Refused>

  /** What a site of this sector calls the account: 43 characters base64url, random, the same for ever. */
  subjectFor(accountId: string, sector: string): Promise<string>

  /** Whether the account may hold sessions and tokens. */
  isActive(accountId: string): Promise<boolean>
}
