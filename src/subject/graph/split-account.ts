import type { GraphSnapshot } from './account-graph-store.ts'
import { accountIn, credentialIn, familyCredentials, refuseOperation, survivorOf } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'

export interface SplitRequest {
  readonly accountId: string
  /** Those that belong to somebody else. */
  readonly credentialIds: readonly string[]
  /** A fresh UUID. */
  readonly newAccountId: string
}

/**
 * One account turns out to be two people. The named credentials get an account of their own, which sites have never heard of: new
 * subjects, whatever the old account's sites know (design.md §6).
 */
export function splitAccount(
  snapshot: GraphSnapshot,
  { accountId, credentialIds, newAccountId }: SplitRequest,
): readonly GraphChange[] {
  const { status } = accountIn(snapshot, accountId)
  if (status !== 'active' && status !== 'suspended') refuseOperation(`the account is ${status}`)
  const moving = new Set(credentialIds)
  if (moving.size === 0) refuseOperation('no credential is named')
  for (const credentialId of moving) {
    const { accountId: home } = credentialIn(snapshot, credentialId)
    if (survivorOf(snapshot, home) !== accountId) refuseOperation('a credential is not of this account')
  }
  const staying = familyCredentials(snapshot, accountId).filter(({ credentialId }) => !moving.has(credentialId))
  if (staying.length === 0) refuseOperation('nothing would be left')
  return [
    { kind: 'account-added', accountId: newAccountId, splitFrom: accountId },
    ...undoCrossingLinks(snapshot, moving),
    ...[...moving].map((credentialId): GraphChange => {
      const { accountId: home, status: kept } = credentialIn(snapshot, credentialId)
      return {
        kind: 'credential',
        credentialId,
        before: { accountId: home, status: kept },
        after: { accountId: newAccountId, status: kept },
      }
    }),
  ]
}

/** No chain leads from one person to another. */
export function undoCrossingLinks({ links }: GraphSnapshot, moving: ReadonlySet<string>): readonly GraphChange[] {
  return links
    .filter(({ newerId, olderId }) => moving.has(newerId) !== moving.has(olderId))
    .map(({ newerId, olderId, relation }): GraphChange => ({ kind: 'link-undone', newerId, olderId, relation }))
}
