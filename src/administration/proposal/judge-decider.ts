import { Refusal } from '../../error-registry/refusal.ts'
import type { GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import type { Decider, NeededEyes, Proposal } from './proposal.ts'
import { refuseOwnAccount } from './refuse-own-account.ts'

export interface Deciding {
  readonly proposal: Proposal
  readonly by: Decider
  /** Of the families, as they are now. */
  readonly snapshot: GraphSnapshot
  /** Whose eyes it needs by now: an account may have become an administrator's since. */
  readonly needs: NeededEyes
  /** Which account leads to which, of the proposer's and the decider's. */
  readonly survivors: ReadonlyMap<string, string>
}

/**
 * The second pair of eyes: not the proposer's, under whatever account, not those of anybody whom it is about, and where it is about an
 * administrator's account an owner's.
 *
 * @throws Refusal ADMIN_OWN_PROPOSAL, ADMIN_OWN_ACCOUNT, ADMIN_OWNER_NEEDED
 */
export function judgeApprover(deciding: Deciding): void {
  const { by, snapshot, needs } = deciding
  if (isProposer(deciding)) throw new Refusal('ADMIN_OWN_PROPOSAL')
  refuseOwnAccount(snapshot, by)
  if (needs === 'owner' && by.role !== 'owner' && by.actor !== 'operator') throw new Refusal('ADMIN_OWNER_NEEDED')
}

/** Whoever it is about must not stop it either. @throws Refusal ADMIN_OWN_PROPOSAL (theirs to withdraw), ADMIN_OWN_ACCOUNT */
export function judgeRejecter(deciding: Omit<Deciding, 'needs'>): void {
  if (isProposer(deciding)) throw new Refusal('ADMIN_OWN_PROPOSAL')
  refuseOwnAccount(deciding.snapshot, deciding.by)
}

export function isProposer({ proposal, by, survivors }: Pick<Deciding, 'proposal' | 'by' | 'survivors'>): boolean {
  const { proposer } = proposal
  if (proposer.actor === by.actor) return true
  const leadsTo = (id: string | undefined) => (id === undefined ? undefined : (survivors.get(id) ?? id))
  return by.accountId !== undefined && leadsTo(proposer.accountId) === leadsTo(by.accountId)
}
