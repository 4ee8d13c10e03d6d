import type { GraphSnapshot } from './account-graph-store.ts'
import { accountIn, credentialIn, refuseOperation } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'
import { refuseWhenGone } from './change-account-status.ts'
import { changesOfMerge } from './merge-accounts.ts'

/**
 * What undoes an operation: its changes turned round, last one first. Everything it touched must still be as it left it; where
 * something later is in the way, that has to be undone first.
 *
 * @throws Refusal ADMIN_OPERATION_REFUSED
 */
export function invertChanges(
  snapshot: GraphSnapshot,
  changes: readonly GraphChange[],
  at: Date,
): readonly GraphChange[] {
  return changes.toReversed().flatMap((change) => invert(snapshot, change, at))
}

function invert(snapshot: GraphSnapshot, change: GraphChange, at: Date): readonly GraphChange[] {
  switch (change.kind) {
    case 'account': {
      const account = accountIn(snapshot, change.accountId)
      const { status, mergedInto } = account
      if (status !== change.after.status || mergedInto !== change.after.mergedInto) inTheWay()
      refuseWhenGone(account, at)
      return [{ ...change, before: change.after, after: change.before }]
    }
    case 'account-added': {
      // its people have been there since: new cards, sites that know it. They come along.
      const { accountId, splitFrom } = change
      if (accountIn(snapshot, accountId).status !== 'active') inTheWay()
      if (!['active', 'suspended'].includes(accountIn(snapshot, splitFrom).status)) inTheWay()
      return changesOfMerge(snapshot, accountId, splitFrom)
    }
    case 'credential':
      return [invertCredential(snapshot, change)]
    case 'link-added':
    case 'link-undone': {
      const stands = snapshot.links.some((one) => one.newerId === change.newerId && one.olderId === change.olderId)
      if (stands !== (change.kind === 'link-added')) inTheWay()
      return [{ ...change, kind: stands ? 'link-undone' : 'link-added' }]
    }
    case 'subject-inherited':
    case 'subject-disinherited': {
      const { accountId, sector, sub } = change
      const found = snapshot.inherited.find((one) => one.accountId === accountId && one.sector === sector)
      if (change.kind === 'subject-inherited') {
        return found?.sub === sub ? [{ ...change, kind: 'subject-disinherited' }] : inTheWay()
      }
      return found === undefined ? [{ ...change, kind: 'subject-inherited' }] : inTheWay()
    }
  }
}

/** Only what the change changed has to be as it was left: a card that was moved may have been replaced by a newer one since. */
function invertCredential(
  snapshot: GraphSnapshot,
  { credentialId, before, after }: Extract<GraphChange, { kind: 'credential' }>,
): GraphChange {
  const { accountId, status } = credentialIn(snapshot, credentialId)
  const moved = before.accountId !== after.accountId
  const turned = before.status !== after.status
  if ((moved && accountId !== after.accountId) || (turned && status !== after.status)) inTheWay()
  return {
    kind: 'credential',
    credentialId,
    before: { accountId, status },
    after: { accountId: moved ? before.accountId : accountId, status: turned ? before.status : status },
  }
}

function inTheWay(): never {
  return refuseOperation('something that happened later is in the way')
}
