import type { AccountStatus } from '../credential-store.ts'
import type { GraphSnapshot } from './account-graph-store.ts'
import { accountIn, refuseOperation } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'

/** For so long a closed account can be opened again; after that it is gone for good. */
export const CLOSED_GRACE_MS = 30 * 24 * 60 * 60_000

const FROM = {
  suspend: ['active'],
  reopen: ['suspended', 'closed'],
  close: ['active', 'suspended'],
} as const satisfies Record<string, readonly AccountStatus[]>

const TO = { suspend: 'suspended', reopen: 'active', close: 'closed' } as const satisfies Record<string, AccountStatus>

export type StatusAct = keyof typeof FROM

export function changeAccountStatus(
  snapshot: GraphSnapshot,
  { accountId, act, at }: { readonly accountId: string; readonly act: StatusAct; readonly at: Date },
): readonly GraphChange[] {
  const { status, since } = accountIn(snapshot, accountId)
  const allowed: readonly AccountStatus[] = FROM[act]
  if (!allowed.includes(status)) refuseOperation(`the account is ${status}`)
  if (act === 'reopen' && status === 'closed' && at.getTime() - since.getTime() > CLOSED_GRACE_MS) {
    refuseOperation('the account was closed too long ago')
  }
  return [{ kind: 'account', accountId, before: { status }, after: { status: TO[act] } }]
}
