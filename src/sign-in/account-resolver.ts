import type { CertificateIdentity } from '../certificate/judgement.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { SignInRecord } from './sign-in-record.ts'

export type ResolvedAccount =
  | {
      readonly outcome: 'known' | 'created'
      readonly accountId: string
      readonly credentialId: string
      /** How often it was signed out until it was recognised, where that was read with it. */
      readonly signOuts?: number
      /** Whether its person is to be told something, where that was read with it. */
      readonly hasNews?: boolean
      /** `SignInJournal` need not write this sign-in: it was written with the look-up. */
      readonly isRecorded?: boolean
    }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

/** Port: the account behind a judged certificate (subject/). */
export interface AccountResolver {
  /**
   * `newcomer`: the card is unknown and the person has to say whether it replaces another.
   *
   * @param record of this sign-in, for the journal's log
   */
  resolve(
    identity: CertificateIdentity,
    record: SignInRecord,
  ): Promise<ResolvedAccount | { readonly outcome: 'newcomer' }>
}

/** Port: what the person with an unknown card may choose. */
export interface AccountChooser {
  admit(identity: CertificateIdentity): Promise<ResolvedAccount>
  redeem(identity: CertificateIdentity, typedCode: string): Promise<ResolvedAccount>
}
