import type { ErrorCode } from '../../error-registry/registry.ts'
import { CODE_OF_ACCOUNT } from '../judge-known-credential.ts'
import type { RecordedCredential } from './chain-store.ts'

/**
 * Why a new card may not follow a known one; `undefined` when it may. A predecessor that was revoked may be followed: that is how a
 * lost card is replaced. One that was taken out of its account by hand may not, or a renewal would bring it back.
 */
export function judgePredecessor({
  status,
  accountStatus,
}: Pick<RecordedCredential, 'status' | 'accountStatus'>): ErrorCode | undefined {
  return status === 'unlinked' ? 'LINK_CREDENTIAL_UNLINKED' : CODE_OF_ACCOUNT[accountStatus]
}
