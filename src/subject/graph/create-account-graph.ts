import type { AuditActor, AuditEvent } from '../../audit/audit-event.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import type {
  AccountGraphStore,
  GraphAct,
  GraphPlan,
  GraphSeeds,
  GraphSnapshot,
  MergeCandidate,
  SignOut,
} from './account-graph-store.ts'
import { changeAccountStatus, type StatusAct } from './change-account-status.ts'
import { credentialIn, refuseOperation, survivorOf } from './find-in-snapshot.ts'
import type { GraphChange } from './graph-change.ts'
import { invertChanges } from './invert-changes.ts'
import { linkCredential, type LinkRequest } from './link-credential.ts'
import { mergeAccounts } from './merge-accounts.ts'
import { refuseTwoUsers } from './refuse-two-users.ts'
import { refuseWhileLater } from './refuse-while-later.ts'
import { seedsOf } from './seeds-of-operation.ts'
import { splitAccount, type SplitRequest } from './split-account.ts'
import { unlinkCredential } from './unlink-credential.ts'
import type { ToldReason } from '../notice/told-reason.ts'

/** Who does it and why. */
export interface Author {
  readonly actor: AuditActor
  /** For whoever reads the log; at least one character. */
  readonly reason: string
  /** What the person is told besides that it was done. */
  readonly toldAs?: ToldReason | undefined
}

export interface AccountGraphDependencies {
  readonly store: AccountGraphStore
  readonly now: () => Date
  /** Random UUIDs. */
  readonly newId: () => string
}

/**
 * What is done to accounts by hand. Each writes its operation and an audit event in the same transaction and returns the operation's id.
 *
 * @throws Refusal ADMIN_ACCOUNT_NOT_FOUND, ADMIN_CREDENTIAL_NOT_FOUND, ADMIN_OPERATION_NOT_FOUND, ADMIN_OPERATION_REFUSED
 */
export interface AccountGraph {
  link(request: LinkRequest, by: Author): Promise<string>
  unlink(request: { readonly credentialId: string }, by: Author): Promise<string>
  merge(request: { readonly accountId: string; readonly into: string }, by: Author): Promise<string>
  /** @returns also the account that was split off */
  split(
    request: Omit<SplitRequest, 'newAccountId'>,
    by: Author,
  ): Promise<{ readonly operationId: string; readonly newAccountId: string }>
  suspend(accountId: string, by: Author): Promise<string>
  /** After a suspension, or within the grace period after closing. */
  reopen(accountId: string, by: Author): Promise<string>
  close(accountId: string, by: Author): Promise<string>
  /** @param operationId of any of these, an undo among them */
  undo(operationId: string, by: Author): Promise<string>

  /** @param accountOrSub id of an account, or what a site calls it */
  show(accountOrSub: string): Promise<{ readonly accountId: string; readonly snapshot: GraphSnapshot }>
  history(accountId: string): ReturnType<AccountGraphStore['operations']>
  mergeCandidates(limit?: number): Promise<readonly MergeCandidate[]>
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const DEFAULT_LIMIT = 100
/** As the audit log keeps it. */
const MAX_REASON = 1000

const EVENT_OF_ACT = {
  link: 'credential.linked_by_hand',
  unlink: 'credential.unlinked',
  merge: 'account.merged',
  split: 'account.split',
  suspend: 'account.suspended',
  reopen: 'account.reopened',
  close: 'account.closed',
  undo: 'operation.undone',
} as const satisfies Record<GraphAct, AuditEvent['type']>

interface Decision {
  readonly accountId: string
  readonly otherAccountId?: string
  readonly credentialId?: string
  readonly changes: readonly GraphChange[]
}

export function createAccountGraph({ store, now, newId }: AccountGraphDependencies): AccountGraph {
  const perform = async (
    act: GraphAct,
    seeds: GraphSeeds,
    { actor, reason, toldAs }: Author,
    decide: (snapshot: GraphSnapshot) => Decision,
    undoes?: string,
  ): Promise<string> => {
    if (![...(seeds.accountIds ?? []), ...(seeds.credentialIds ?? [])].every((id) => UUID.test(id))) {
      throw new Refusal(seeds.credentialIds === undefined ? 'ADMIN_ACCOUNT_NOT_FOUND' : 'ADMIN_CREDENTIAL_NOT_FOUND')
    }
    if (reason.trim() === '') refuseOperation('a reason is needed')
    if (reason.length > MAX_REASON) refuseOperation(`a reason has ${MAX_REASON} characters at most`)
    const id = newId()
    await store.change(seeds, (snapshot): GraphPlan => {
      const { accountId, otherAccountId, credentialId, changes } = decide(snapshot)
      refuseTwoUsers(snapshot, changes)
      return {
        operation: { id, act, accountId, otherAccountId, changes, reason, actor, at: now(), undoes },
        event: {
          type: EVENT_OF_ACT[act],
          accountId,
          operationId: id,
          reason,
          ...(otherAccountId === undefined ? {} : { otherAccountId }),
          ...(credentialId === undefined ? {} : { credentialId }),
          ...(undoes === undefined ? {} : { undoes }),
        },
        signsOut: whatEnds(snapshot, changes),
        // whoever did it themselves knows
        tells: actor === 'person' ? undefined : { reason: toldAs },
      }
    })
    return id
  }

  const changeStatus = (act: StatusAct) => (accountId: string, by: Author) =>
    perform(act, { accountIds: [accountId] }, by, (snapshot) => ({
      accountId,
      changes: changeAccountStatus(snapshot, { accountId, act, at: now() }),
    }))

  return {
    link: (request, by) => {
      const { credentialId, accountId, supersedes } = request
      const seeds = {
        accountIds: [accountId],
        credentialIds: [credentialId, ...(supersedes === undefined ? [] : [supersedes])],
      }
      return perform('link', seeds, by, (snapshot) => {
        const changes = linkCredential(snapshot, request)
        const from = survivorOf(snapshot, credentialIn(snapshot, credentialId).accountId)
        return { accountId, credentialId, changes, ...(from === accountId ? {} : { otherAccountId: from }) }
      })
    },

    unlink: (request, by) =>
      perform('unlink', { credentialIds: [request.credentialId] }, by, (snapshot) => {
        const { accountId } = credentialIn(snapshot, request.credentialId)
        return {
          accountId: survivorOf(snapshot, accountId),
          credentialId: request.credentialId,
          changes: unlinkCredential(snapshot, request),
        }
      }),

    merge: (request, by) =>
      perform('merge', { accountIds: [request.accountId, request.into] }, by, (snapshot) => ({
        accountId: request.accountId,
        otherAccountId: request.into,
        changes: mergeAccounts(snapshot, request),
      })),

    split: async (request, by) => {
      const newAccountId = newId()
      const { accountId, credentialIds } = request
      const operationId = await perform('split', { accountIds: [accountId], credentialIds }, by, (snapshot) => ({
        accountId,
        otherAccountId: newAccountId,
        changes: splitAccount(snapshot, { ...request, newAccountId }),
      }))
      return { operationId, newAccountId }
    },

    suspend: changeStatus('suspend'),
    reopen: changeStatus('reopen'),
    close: changeStatus('close'),

    undo: async (operationId, by) => {
      const operation = UUID.test(operationId) ? await store.operation(operationId) : undefined
      if (operation === undefined) throw new Refusal('ADMIN_OPERATION_NOT_FOUND')
      if (operation.undoneBy !== undefined) refuseOperation('it was undone already')
      const { accountId, otherAccountId } = operation
      refuseWhileLater(
        operation,
        await store.operations(otherAccountId === undefined ? [accountId] : [accountId, otherAccountId]),
      )
      return perform(
        'undo',
        seedsOf(operation),
        by,
        (snapshot) => ({
          accountId: operation.accountId,
          ...(operation.otherAccountId === undefined ? {} : { otherAccountId: operation.otherAccountId }),
          changes: invertChanges(snapshot, operation.changes, now()),
        }),
        operationId,
      )
    },

    show: async (accountOrSub) => {
      const id = accountOrSub.toLowerCase()
      const accountId = UUID.test(id) ? id : await store.accountOfSubject(accountOrSub)
      if (accountId === undefined) throw new Refusal('ADMIN_ACCOUNT_NOT_FOUND')
      const snapshot = await store.read({ accountIds: [accountId] })
      return { accountId: survivorOf(snapshot, accountId), snapshot }
    },
    history: (accountId) => (UUID.test(accountId) ? store.operations([accountId]) : Promise.resolve([])),
    mergeCandidates: (limit = DEFAULT_LIMIT) => store.mergeCandidates(limit),
  }
}

/** Everything of an account whose standing changes; of a card that changes place or standing what came of its taps, and no more. */
function whatEnds(snapshot: GraphSnapshot, changes: readonly GraphChange[]): readonly SignOut[] {
  const known = new Set(snapshot.accounts.map(({ accountId }) => accountId))
  const withSurvivor = (id: string | undefined): readonly string[] =>
    id === undefined || !known.has(id) ? [] : [id, survivorOf(snapshot, id)]
  const whole = new Set<string>()
  const ofCards = new Map<string, SignOut>()
  for (const change of changes) {
    if (change.kind === 'account') {
      const { accountId, before, after } = change
      for (const id of [accountId, before.mergedInto, after.mergedInto].flatMap(withSurvivor)) whole.add(id)
    }
    if (change.kind === 'credential') {
      const { credentialId, before, after } = change
      for (const accountId of [before.accountId, after.accountId].flatMap(withSurvivor)) {
        ofCards.set(`${accountId} ${credentialId}`, { accountId, credentialId })
      }
    }
  }
  return [
    ...[...whole].map((accountId) => ({ accountId })),
    ...[...ofCards.values()].filter(({ accountId }) => !whole.has(accountId)),
  ]
}
