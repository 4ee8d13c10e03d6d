import type { CertificateIdentity } from '../certificate/judgement.ts'
import type { ErrorCode } from '../error-registry/registry.ts'

export type ResolvedAccount =
  | { readonly outcome: 'known' | 'created'; readonly accountId: string; readonly credentialId: string }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

/** Port: the account behind a judged certificate (subject/). */
export interface AccountResolver {
  /** `newcomer`: the card is unknown and the person has to say whether it replaces another. */
  resolve(identity: CertificateIdentity): Promise<ResolvedAccount | { readonly outcome: 'newcomer' }>
}

/** Port: what the person with an unknown card may choose. */
export interface AccountChooser {
  admit(identity: CertificateIdentity): Promise<ResolvedAccount>
  redeem(identity: CertificateIdentity, typedCode: string): Promise<ResolvedAccount>
}
