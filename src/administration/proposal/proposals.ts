import type { Refusal } from '../../error-registry/refusal.ts'
import type { ToldReason } from '../../subject/notice/told-reason.ts'
import type { Effects } from './describe-effects.ts'
import type { Decider, NeededEyes, Proposal } from './proposal.ts'
import type { ProposalFilter } from './proposal-store.ts'
import type { ProposedAct } from './proposed-act.ts'
import type { ChangedFact } from './seen-facts.ts'

export interface Preview {
  readonly proposed: ProposedAct
  readonly effects: Effects
  readonly needs: NeededEyes
  /** Names all that was looked at; `propose` asks for it. */
  readonly version: string
  /** What others have proposed about the same people and nobody decided yet. */
  readonly openBeside: readonly Proposal[]
}

export interface ProposalRequest {
  readonly proposed: ProposedAct
  readonly reason: string
  readonly toldAs?: ToldReason | undefined
  /** Of the preview that was looked at. */
  readonly version: string
}

/** A proposal as somebody looks at it who may decide. */
export interface ProposalView {
  readonly proposal: Proposal
  /** What it would do now; undefined when it is closed, or cannot be done. */
  readonly effects: Effects | undefined
  /** What is not any more as its proposer saw it: then nobody may approve it. */
  readonly changed: readonly ChangedFact[]
  /** Why this administrator may not approve it. */
  readonly hindrance: Refusal | undefined
  readonly mayWithdraw: boolean
}

/** What is done to accounts with two pairs of eyes. */
export interface Proposals {
  /** @throws Refusal of what cannot be done at all, or not by this administrator */
  preview(proposed: ProposedAct, by: Decider): Promise<Preview>
  /**
   * Done at once where the policy asks for nobody else.
   *
   * @throws Refusal as `preview`; ADMIN_CHANGED_MEANWHILE when it is not what `version` names any more
   */
  propose(request: ProposalRequest, by: Decider): Promise<Proposal>
  /**
   * Does what was proposed. Of several at once one does.
   *
   * @throws Refusal ADMIN_PROPOSAL_NOT_FOUND, _CLOSED, ADMIN_OWN_PROPOSAL, ADMIN_OWN_ACCOUNT, ADMIN_OWNER_NEEDED, ADMIN_PROPOSER_GONE,
   *   ADMIN_CHANGED_MEANWHILE, or what the act itself is refused with: it stays open
   */
  approve(id: string, by: Decider): Promise<Proposal>
  reject(id: string, by: Decider, reason: string): Promise<Proposal>
  /** @throws Refusal ADMIN_NOT_OWN_PROPOSAL, ADMIN_PROPOSAL_NOT_FOUND, _CLOSED */
  withdraw(id: string, by: Decider): Promise<Proposal>
  /** @throws Refusal ADMIN_PROPOSAL_NOT_FOUND */
  show(id: string, by: Decider): Promise<ProposalView>
  list(
    filter: ProposalFilter,
    page: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly Proposal[]>
  countOpen(): Promise<number>
  closeExpired(limit: number): Promise<number>
}
