import type { GraphOperation } from './account-graph-store.ts'
import { refuseOperation } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'

/**
 * That everything looks as an operation left it is not enough to undo it: an account may have been suspended, reopened and suspended
 * again for another reason, and that one stands. Whatever was undone since, with its undoing, is as if it had never been.
 *
 * @param history newest first; what is older than `operation` is not looked at
 * @throws Refusal ADMIN_OPERATION_REFUSED
 */
export function refuseWhileLater(operation: GraphOperation, history: readonly GraphOperation[]): void {
  const later = history.slice(
    0,
    history.findIndex(({ id }) => id === operation.id),
  )
  const undoingOf = new Map(later.flatMap((one) => (one.undoes === undefined ? [] : [[one.undoes, one.id] as const])))
  const stands = (id: string): boolean => {
    const undoing = undoingOf.get(id)
    return undoing === undefined || !stands(undoing)
  }
  const laterIds = new Set(later.map(({ id }) => id))
  const touched = new Set(operation.changes.flatMap(thingsOf))
  const inTheWay = later.some(
    ({ id, undoes, changes }) =>
      stands(id) &&
      (undoes === undefined || !laterIds.has(undoes)) &&
      changes.flatMap(thingsOf).some((thing) => touched.has(thing)),
  )
  if (inTheWay) refuseOperation('something that happened later is in the way')
}

function thingsOf(change: GraphChange): readonly string[] {
  switch (change.kind) {
    case 'account':
      return [`account ${change.accountId}`]
    case 'credential':
      return [`credential ${change.credentialId}`]
    // undone by merging what is there by then; links and subjects have one state each time, which is looked at
    default:
      return []
  }
}
