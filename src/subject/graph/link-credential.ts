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

/** A card belongs to an account after all: one that was taken out, or one that its person began another account with. */
export function linkCredential(
  snapshot: GraphSnapshot,
  { credentialId, accountId, supersedes }: LinkRequest,
): readonly GraphChange[] {
  const { status } = accountIn(snapshot, accountId)
  const credential = credentialIn(snapshot, credentialId)
  if (status !== 'active') refuseOperation(`the account is ${status}`)
  if (credential.status !== 'current' && credential.status !== 'unlinked') {
    refuseOperation(`the credential is ${credential.status}`)
  }
  const from = survivorOf(snapshot, credential.accountId)
  if (credential.status === 'current') {
    if (from === accountId) refuseOperation('the credential is of this account already')
    const others = familyCredentials(snapshot, from).filter(
      (one) => one.status === 'current' && one.credentialId !== credentialId,
    )
    // an account that nobody can enter any more, with sites that know it: that is a merge
    if (others.length === 0) refuseOperation('it is the only card of its account: merge the accounts')
  }
  return [
    ...(from === accountId ? [] : undoCrossingLinks(snapshot, new Set([credentialId]))),
    {
      kind: 'credential',
      credentialId,
      before: { accountId: credential.accountId, status: credential.status },
      after: { accountId: from === accountId ? credential.accountId : accountId, status: 'current' },
    },
    ...(supersedes === undefined ? [] : supersede(snapshot, { credentialId, accountId, supersedes })),
  ]
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
