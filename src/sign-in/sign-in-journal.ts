import type { ErrorCode } from '../error-registry/registry.ts'
import type { RevocationVerdict } from '../certificate/judgement.ts'
import type { Acr } from './authentication-context.ts'

/**
 * What the ceremony tells the audit log. Awaited before the person is told: no acknowledged sign-in without its record,
 * and a log that cannot write refuses (attacks.md 42).
 */
export interface SignInJournal {
  refused(event: { readonly clientId: string; readonly code: ErrorCode }): Promise<void>
  succeeded(event: {
    readonly clientId: string
    readonly accountId: string
    readonly credentialId: string
    readonly isNewAccount: boolean
    readonly acr: Acr
    readonly revocation: RevocationVerdict
    /** It is in the log already, by the statement that recognised the card. */
    readonly isRecorded?: boolean
  }): Promise<void>
}
