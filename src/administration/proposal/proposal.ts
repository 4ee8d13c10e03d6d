import type { AuditActor } from '../../audit/audit-event.ts'
import type { ToldReason } from '../../subject/notice/told-reason.ts'
import type { Role } from '../role.ts'
import type { ProposedAct } from './proposed-act.ts'
import type { SeenFacts } from './seen-facts.ts'

export const PROPOSAL_STATES = ['open', 'executed', 'rejected', 'withdrawn', 'expired'] as const
export type ProposalState = (typeof PROPOSAL_STATES)[number]

/** Whose second pair of eyes is needed; `nobody`: it was done at once. */
export const NEEDED_EYES = ['nobody', 'administrator', 'owner'] as const
export type NeededEyes = (typeof NEEDED_EYES)[number]

/** Who proposes or decides: an administrator, a program (which only proposes), or the operator at the command line (who only decides). */
export interface Decider {
  readonly actor: AuditActor
  /** Of an administrator. */
  readonly accountId?: string | undefined
  readonly role?: Role | undefined
}

export interface Proposal {
  readonly id: string
  /** Counts up in the order in which they were made: the cursor of lists. */
  readonly sequence: string
  readonly proposed: ProposedAct
  /** For whoever reads the log. */
  readonly reason: string
  readonly toldAs: ToldReason | undefined
  readonly proposer: Decider
  readonly proposedAt: Date
  readonly expiresAt: Date
  readonly needs: NeededEyes
  /** Every account of the families that it is about. */
  readonly accountIds: readonly string[]
  /** What its proposer saw. */
  readonly seen: SeenFacts
  readonly state: ProposalState
  readonly closed: ProposalClosing | undefined
}

export interface ProposalClosing {
  readonly state: Exclude<ProposalState, 'open'>
  readonly at: Date
  readonly by: Decider
  /** Of a rejection. */
  readonly reason?: string | undefined
  /** Of what was executed. */
  readonly operationId?: string | undefined
}

/** What a time limit does to a proposal that no job has closed yet. */
export function stateAt({ state, expiresAt }: Pick<Proposal, 'state' | 'expiresAt'>, at: Date): ProposalState {
  return state === 'open' && expiresAt <= at ? 'expired' : state
}
