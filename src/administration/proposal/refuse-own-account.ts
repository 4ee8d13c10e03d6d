import { Refusal } from '../../error-registry/refusal.ts'
import type { GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import type { Decider } from './proposal.ts'

/**
 * Nobody proposes or decides about themselves, about what was merged into their account, or about what that was merged into.
 *
 * @throws Refusal ADMIN_OWN_ACCOUNT
 */
export function refuseOwnAccount({ accounts }: Pick<GraphSnapshot, 'accounts'>, { accountId }: Decider): void {
  if (accounts.some((one) => one.accountId === accountId)) throw new Refusal('ADMIN_OWN_ACCOUNT')
}
