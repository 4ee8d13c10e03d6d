import type { GraphSnapshot } from './account-graph-store.ts'
import { credentialIn, refuseOperation } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'

/** A card may not sign in any more; what it was stays on record, and its renewal may not either. */
export function unlinkCredential(
  snapshot: GraphSnapshot,
  { credentialId }: { readonly credentialId: string },
): readonly GraphChange[] {
  const { accountId, status } = credentialIn(snapshot, credentialId)
  if (status !== 'current') refuseOperation(`the credential is ${status}`)
  return [{ kind: 'credential', credentialId, before: { accountId, status }, after: { accountId, status: 'unlinked' } }]
}
