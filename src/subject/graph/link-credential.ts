import type { GraphSnapshot } from './account-graph-store.ts'
import { accountIn, credentialIn, familyCredentials, refuseOperation, survivorOf } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'
import { undoCrossingLinks } from './split-account.ts'

export interface LinkRequest {
  readonly credentialId: string
  readonly accountId: string
  /** A credential of the account that the new one replaces. */
  readonly supersedes?: string
}

/**
 * A card belongs to an account after all: one that was taken out, one that its person began another account with, or one that was
 * replaced by a card that turned out to be somebody else's.
 */
export function linkCredential(
  snapshot: GraphSnapshot,
  { credentialId, accountId, supersedes }: LinkRequest,
): readonly GraphChange[] {
  const { status } = accountIn(snapshot, accountId)
  const credential = credentialIn(snapshot, credentialId)
  if (status !== 'active') refuseOperation(`the account is ${status}`)
  if (credential.status === 'revoked') refuseOperation('the credential is revoked')
  // it has no key to be known by: whoever presented it would be refused as a contradiction
  if (credential.notAfter === undefined) refuseOperation('the credential never signed in here itself')
  const from = survivorOf(snapshot, credential.accountId)
  const { status: fromStatus } = accountIn(snapshot, from)
  // as with a merge: its person would be let in again by the other account
  if (fromStatus !== 'active') refuseOperation(`the account it is in is ${fromStatus}`)
  if (credential.status === 'current') {
    if (from === accountId) refuseOperation('the credential is of this account already')
    const others = familyCredentials(snapshot, from).filter(
      (one) => one.status === 'current' && one.credentialId !== credentialId,
    )
    // an account that nobody can enter any more, with sites that know it: that is a merge
    if (others.length === 0) refuseOperation('it is the only card of its account: merge the accounts')
  }
  return [
    ...(from === accountId
      ? undoReplacements(snapshot, credentialId)
      : undoCrossingLinks(snapshot, new Set([credentialId]))),
    {
      kind: 'credential',
      credentialId,
      before: { accountId: credential.accountId, status: credential.status },
      after: { accountId: from === accountId ? credential.accountId : accountId, status: 'current' },
    },
    ...(supersedes === undefined ? [] : supersede(snapshot, { credentialId, accountId, supersedes })),
  ]
}

/** A card that is in use was replaced by none. */
function undoReplacements({ links }: GraphSnapshot, credentialId: string): readonly GraphChange[] {
  return links
    .filter(({ olderId }) => olderId === credentialId)
    .map(({ newerId, olderId, relation }): GraphChange => ({ kind: 'link-undone', newerId, olderId, relation }))
}

function supersede(
  snapshot: GraphSnapshot,
  { credentialId, accountId, supersedes }: Required<LinkRequest>,
): readonly GraphChange[] {
  const older = credentialIn(snapshot, supersedes)
  const isOfAccount = survivorOf(snapshot, older.accountId) === accountId
  if (!isOfAccount || older.status !== 'current' || supersedes === credentialId) {
    refuseOperation('what it replaces is not a card in use of this account')
  }
  return [
    {
      kind: 'credential',
      credentialId: supersedes,
      before: { accountId: older.accountId, status: 'current' },
      after: { accountId: older.accountId, status: 'superseded' },
    },
    { kind: 'link-added', newerId: credentialId, olderId: supersedes, relation: 'linked_by_admin' },
  ]
}
