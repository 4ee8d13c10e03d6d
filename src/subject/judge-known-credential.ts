import type { ErrorCode } from '../error-registry/registry.ts'
import type { AccountStatus, CredentialStatus, KnownCredential } from './credential-store.ts'

const CODE_OF_CREDENTIAL = {
  current: undefined,
  superseded: 'LINK_CREDENTIAL_SUPERSEDED',
  revoked: 'CERT_REVOKED',
  unlinked: 'LINK_CREDENTIAL_UNLINKED',
} as const satisfies Record<CredentialStatus, ErrorCode | undefined>

export const CODE_OF_ACCOUNT = {
  active: undefined,
  suspended: 'LINK_ACCOUNT_SUSPENDED',
  closed: 'LINK_ACCOUNT_CLOSED',
  // merged into one that was merged itself: an account that is no more
  merged: 'LINK_ACCOUNT_CLOSED',
} as const satisfies Record<AccountStatus, ErrorCode | undefined>

/**
 * Why a known credential may not sign in; `undefined` when it may. The contradiction comes first: whoever shows another key
 * learns nothing about the account.
 */
export function judgeKnownCredential({ isSameKey, status, accountStatus }: KnownCredential): ErrorCode | undefined {
  // a predecessor that only the linkage service named has no key to compare, and is refused by its status all the same
  if (!isSameKey && status !== 'superseded') return 'CERT_IDENTITY_CONFLICT'
  return CODE_OF_CREDENTIAL[status] ?? CODE_OF_ACCOUNT[accountStatus]
}
