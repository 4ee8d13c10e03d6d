import type { GraphSnapshot } from './account-graph-store.ts'
import { refuseOperation } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'

/**
 * Two people who are different users of one site would become one person, and nobody can tell which of the two users that is. Somebody
 * who knows ends one of the links first (docs/adr/0016). Links themselves are never moved: they follow the account that they were made for.
 *
 * @throws Refusal ADMIN_OPERATION_REFUSED
 */
export function refuseTwoUsers(snapshot: GraphSnapshot, changes: readonly GraphChange[]): void {
  const leadsTo = new Map(snapshot.accounts.map(({ accountId, mergedInto }) => [accountId, mergedInto]))
  for (const change of changes) if (change.kind === 'account') leadsTo.set(change.accountId, change.after.mergedInto)
  const taken = new Set<string>()
  for (const { accountId, clientId } of snapshot.externalAccounts) {
    const place = `${leadsTo.get(accountId) ?? accountId} ${clientId}`
    if (taken.has(place)) refuseOperation(`both are linked to a user of ${clientId}: end one of the two links first`)
    taken.add(place)
  }
}
