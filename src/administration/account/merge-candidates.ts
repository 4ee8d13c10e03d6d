import type { Decider } from '../proposal/proposal.ts'

/** Two accounts that one chain of cards has reached: one person, or a mistake of somebody's. */
export interface OpenCandidate {
  readonly id: string
  /** The one that was signed in to, and what it leads to now. */
  readonly accountId: string
  readonly otherAccountId: string
  readonly foundAt: Date
  /** The same two were found before, and somebody said why they are two people. */
  readonly dismissedBefore: { readonly at: Date; readonly reason: string } | undefined
}

/** Port: what the resolver has found and nobody has decided. */
export interface MergeCandidates {
  /** Oldest first. @param after the id of the last one of the page before */
  open(page: { readonly after?: string | undefined; readonly limit: number }): Promise<readonly OpenCandidate[]>
  countOpen(): Promise<number>
  /**
   * They are two people.
   *
   * @throws Refusal ADMIN_CANDIDATE_NOT_FOUND (also when it was settled meanwhile), ADMIN_OWN_ACCOUNT, ADMIN_OPERATION_REFUSED (reason)
   */
  dismiss(id: string, by: Decider, reason: string, at: Date): Promise<void>
}
