import type { AuditEvent } from '../../audit/audit-event.ts'
import type { NewCredential, NewLink, RecordedCredential } from './chain-store.ts'
import type { PlanChainContext, PlannedChain } from './plan-chain.ts'
import type { Recognition } from './recognise-person.ts'

/** The card that was presented turned out to be the older one of two. */
export interface PlannedRecognition extends PlannedChain {
  readonly isSuperseded: boolean
}

/**
 * From a recognised person to what is written. A person has one card at a time, so a new one follows the other; which of two is the
 * newer is told by their end: a renewal never ends earlier than what it renews. Of phones a person may have several, beside the card:
 * whether one replaced another is not known, and revocation says which of them are good.
 */
export function planRecognised(
  { at, newId, source }: PlanChainContext,
  presented: Omit<NewCredential, 'status' | 'personDigest'>,
  { person, recorded, asOf }: Extract<Recognition, { outcome: 'recognised' }>,
): PlannedRecognition {
  const [nearest] = recorded
  const isNew = nearest === undefined
  const homeAccountId = nearest?.homeAccountId ?? newId()
  const accountId = nearest?.accountId ?? homeAccountId
  const own = recorded.filter((one) => one.accountId === accountId)
  const other = recorded.find((one) => one.accountId !== accountId && one.status !== 'unlinked')

  const rivals =
    presented.kind === 'card-auth' ? own.filter(({ kind, status }) => kind === 'card-auth' && status === 'current') : []
  const newer = rivals.find(({ notAfter }) => endsLater(notAfter, presented.presented.notAfter))
  const superseded = newer === undefined ? rivals.map(({ credentialId }) => credentialId) : []
  const evidence = { source, asOf: asOf.toISOString() }
  const link = (newerId: string, olderId: string): NewLink => ({ newerId, olderId, relation: 'renewed_by', evidence })
  const { credentialId, kind } = presented
  const links =
    newer === undefined
      ? superseded.map((olderId) => link(credentialId, olderId))
      : [link(newer.credentialId, credentialId)]

  return {
    accountId,
    isNewAccount: isNew,
    isSuperseded: newer !== undefined,
    write: {
      at,
      account: { accountId: homeAccountId, isNew },
      current: {
        ...presented,
        status: newer === undefined ? 'current' : 'superseded',
        ...(person === undefined ? {} : { personDigest: person }),
      },
      named: [],
      recorded,
      superseded,
      moved: [],
      links,
      traced: [credentialId],
      ...(other === undefined ? {} : { mergeCandidate: candidateOf(newId(), accountId, other, evidence) }),
    },
    events: [
      ...(isNew ? [{ type: 'account.created', accountId } as const] : []),
      { type: 'credential.first_seen', accountId, credentialId, kind },
      ...links.map(({ newerId, olderId, relation }): AuditEvent => ({
        type: 'credential.linked',
        accountId,
        credentialId: newerId,
        olderId,
        relation,
      })),
      ...superseded.map((id) => ({ type: 'credential.superseded', accountId, credentialId: id }) as const),
      ...(other === undefined
        ? []
        : [{ type: 'account.merge_candidate', accountId, otherAccountId: other.accountId } as const]),
    ],
  }
}

function candidateOf(id: string, accountId: string, other: RecordedCredential, evidence: NewLink['evidence']) {
  return { id, accountId, otherAccountId: other.accountId, evidence }
}

function endsLater(one: Date | undefined, other: Date): boolean {
  return one !== undefined && one.getTime() > other.getTime()
}
