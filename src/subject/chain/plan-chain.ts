import type { AuditEvent } from '../../audit/audit-event.ts'
import type { ChainWrite, LinkEvidence, NamedCredential, NewCredential, NewLink } from './chain-store.ts'
import type { ChainStep, Trace } from './trace-chain.ts'

export interface PlanChainContext {
  readonly at: Date
  /** Random UUIDs. */
  readonly newId: () => string
  readonly source: string
}

export interface PlannedChain {
  /** What is signed in to. */
  readonly accountId: string
  readonly isNewAccount: boolean
  readonly write: ChainWrite
  readonly events: readonly AuditEvent[]
}

/** From the steps of a walk to what is written: one account, the new card current, all before it superseded, and every link. */
export function planChain(
  { at, newId, source }: PlanChainContext,
  current: NewCredential,
  { steps, isComplete }: Extract<Trace, { outcome: 'traced' }>,
): PlannedChain {
  const nearest = steps.find(({ recorded }) => recorded !== undefined)?.recorded
  const isNew = nearest === undefined
  // the account the predecessor was put in, even if it was merged since: undoing the merge must take this card along
  const homeAccountId = nearest?.homeAccountId ?? newId()
  const accountId = nearest?.accountId ?? homeAccountId

  // only the last step can lead to another account: the walk ends there
  const last = steps.at(-1)
  const other = last?.recorded !== undefined && last.recorded.accountId !== accountId ? last.recorded : undefined
  const own = other === undefined ? steps : steps.slice(0, -1)

  const ids = own.map(({ recorded }) => recorded?.credentialId ?? newId())
  const members = own.map((step, index) => ({ ...step, credentialId: ids[index] as string }))
  const named = members
    .filter(({ recorded }) => recorded === undefined)
    .map(({ credentialId, handles }): NamedCredential => ({ credentialId, handles, kind: current.kind }))
  const recorded = members.flatMap((step) => step.recorded ?? [])
  const superseded = recorded.filter(({ status }) => status === 'current').map(({ credentialId }) => credentialId)
  const links = members.map((step, index): NewLink => ({
    newerId: ids[index - 1] ?? current.credentialId,
    olderId: step.credentialId,
    relation: step.relation === 'reissued' ? 'reissued_as' : 'renewed_by',
    evidence: evidenceOf(source, step),
  }))

  return {
    accountId,
    isNewAccount: isNew,
    write: {
      at,
      account: { accountId: homeAccountId, isNew },
      current,
      named,
      recorded,
      superseded,
      moved: members
        .filter((step) => step.recorded !== undefined && step.handles.length > 1)
        .map(({ credentialId, handles }) => ({ credentialId, handles })),
      links,
      traced: isComplete ? [current.credentialId, ...ids] : [],
      ...(other === undefined || last === undefined || other.status === 'unlinked'
        ? {}
        : {
            mergeCandidate: {
              id: newId(),
              accountId,
              otherAccountId: other.accountId,
              evidence: evidenceOf(source, last),
            },
          }),
    },
    events: [
      ...(isNew ? [{ type: 'account.created', accountId } as const] : []),
      { type: 'credential.first_seen', accountId, credentialId: current.credentialId, kind: current.kind },
      ...links.map(
        ({ newerId, olderId, relation }) =>
          ({ type: 'credential.linked', accountId, credentialId: newerId, olderId, relation }) as const,
      ),
      ...superseded.map((credentialId) => ({ type: 'credential.superseded', accountId, credentialId }) as const),
      ...(other === undefined || other.status === 'unlinked'
        ? []
        : [{ type: 'account.merge_candidate', accountId, otherAccountId: other.accountId } as const]),
    ],
  }
}

function evidenceOf(source: string, { asOf }: Pick<ChainStep, 'asOf'>): LinkEvidence {
  return { source, asOf: asOf.toISOString() }
}
