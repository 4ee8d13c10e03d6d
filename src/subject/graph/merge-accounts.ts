import type { GraphSnapshot } from './account-graph-store.ts'
import { accountIn, presentedSubjects, refuseOperation } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'

/**
 * Two accounts turn out to be one person. `accountId` leads to `into` from now on, credentials stay where they were put, and each site
 * goes on seeing the subject it knows: the survivor's own, or where it has none the other one's (docs/adr/0004).
 */
export function mergeAccounts(
  snapshot: GraphSnapshot,
  { accountId, into }: { readonly accountId: string; readonly into: string },
): readonly GraphChange[] {
  const [gone, left] = [accountIn(snapshot, accountId), accountIn(snapshot, into)]
  if (accountId === into) refuseOperation('an account cannot be merged into itself')
  // merging a suspended account would let its person in again by the other one
  for (const { status } of [gone, left]) if (status !== 'active') refuseOperation(`an account is ${status}`)
  return changesOfMerge(snapshot, accountId, into)
}

/** Also how a split is undone. */
export function changesOfMerge(snapshot: GraphSnapshot, accountId: string, into: string): readonly GraphChange[] {
  const known = new Set(presentedSubjects(snapshot, into).map(({ sector }) => sector))
  const { status } = accountIn(snapshot, accountId)
  const after = { status: 'merged', mergedInto: into } as const
  return [
    { kind: 'account', accountId, before: { status }, after },
    // `merged_into` always names a living account
    ...snapshot.accounts
      .filter(({ mergedInto }) => mergedInto === accountId)
      .map((earlier): GraphChange => ({
        kind: 'account',
        accountId: earlier.accountId,
        before: { status: 'merged', mergedInto: accountId },
        after,
      })),
    ...presentedSubjects(snapshot, accountId)
      .filter(({ sector }) => !known.has(sector))
      .map(({ sector, sub }): GraphChange => ({ kind: 'subject-inherited', accountId: into, sector, sub })),
  ]
}
