import type { RevocationVerdict } from '../certificate/judgement.ts'
import { acrOf, type Acr } from './authentication-context.ts'

/** What is written down of a sign-in, but for whose it is: that the look-up of the account says. */
export interface SignInRecord {
  readonly clientId: string
  readonly acr: Acr
  readonly revocation: Pick<RevocationVerdict, 'method' | 'source' | 'checkedAt'> & {
    readonly status: Exclude<RevocationVerdict['status'], 'revoked'>
  }
}

export function signInRecordOf(clientId: string, revocation: RevocationVerdict): SignInRecord {
  const { status, method, source, checkedAt } = revocation
  if (status === 'revoked') throw new Error('a revoked certificate does not sign in')
  return { clientId, acr: acrOf(revocation), revocation: { status, method, source, checkedAt } }
}
