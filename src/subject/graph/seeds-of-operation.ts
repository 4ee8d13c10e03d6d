import type { GraphOperation, GraphSeeds } from './account-graph-store.ts'

/** Everything an operation touched, and so what its undoing has to look at. */
export function seedsOf({
  accountId,
  otherAccountId,
  changes,
}: Pick<GraphOperation, 'accountId' | 'otherAccountId' | 'changes'>): GraphSeeds {
  const accountIds = [accountId, ...(otherAccountId === undefined ? [] : [otherAccountId])]
  const credentialIds: string[] = []
  for (const change of changes) {
    if (change.kind === 'account') accountIds.push(change.accountId)
    if (change.kind === 'credential') credentialIds.push(change.credentialId)
  }
  return { accountIds: [...new Set(accountIds)], credentialIds: [...new Set(credentialIds)] }
}
