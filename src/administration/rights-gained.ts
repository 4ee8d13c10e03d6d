import type { GraphChange } from '../subject/graph/graph-change.ts'

/** Accounts whose rights somebody else's card would come to have, or a card that was taken out has again. */
export function accountsThatGain(changes: readonly GraphChange[]): readonly string[] {
  return changes.flatMap((change) => {
    if (change.kind === 'account' && change.after.mergedInto !== undefined) return [change.after.mergedInto]
    if (change.kind !== 'credential') return []
    const { before, after } = change
    const comesBack = before.status === 'unlinked' && after.status !== 'unlinked'
    return before.accountId !== after.accountId || comesBack ? [after.accountId] : []
  })
}
