import type { SignInJournal } from '../sign-in/sign-in-journal.ts'
import type { AuditLog } from './audit-log.ts'

/** What the ceremony tells, as events of the log. */
export function createSignInJournal(audit: AuditLog): SignInJournal {
  return {
    refused: ({ clientId, code }) => audit.append({ type: 'sign_in.refused', clientId, code }),

    succeeded: ({ clientId, accountId, credentialId, isNewAccount, acr, revocation, isRecorded = false }) => {
      if (isRecorded) return Promise.resolve()
      const { status, method, source, checkedAt } = revocation
      if (status === 'revoked') throw new Error('a revoked certificate does not sign in')
      return audit.append({
        type: 'sign_in.succeeded',
        clientId,
        accountId,
        credentialId,
        isNewAccount,
        acr,
        revocation: { status, method, source, checkedAt },
      })
    },
  }
}
