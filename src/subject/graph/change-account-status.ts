import type { AccountStatus } from '../credential-store.ts'
import type { GraphAccount, GraphSnapshot } from './account-graph-store.ts'
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

/** @throws Refusal ADMIN_OPERATION_REFUSED when the account was closed so long ago that it is gone, or about to go, for good */
export function refuseWhenGone({ status, since, erasedAt }: GraphAccount, at: Date): void {
  const isPast = status === 'closed' && at.getTime() - since.getTime() > CLOSED_GRACE_MS
  if (isPast || erasedAt !== undefined) refuseOperation('the account was closed too long ago')
}

export function changeAccountStatus(
  snapshot: GraphSnapshot,
  { accountId, act, at }: { readonly accountId: string; readonly act: StatusAct; readonly at: Date },
): readonly GraphChange[] {
  const account = accountIn(snapshot, accountId)
  const { status } = account
  const allowed: readonly AccountStatus[] = FROM[act]
  if (!allowed.includes(status)) refuseOperation(`the account is ${status}`)
  refuseWhenGone(account, at)
  return [{ kind: 'account', accountId, before: { status }, after: { status: TO[act] } }]
}
