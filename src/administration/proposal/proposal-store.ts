import type { AuditActor, AuditEvent } from '../../audit/audit-event.ts'
import type { AccountGraphStore } from '../../subject/graph/account-graph-store.ts'
import type { Role } from '../role.ts'
import type { Proposal, ProposalClosing, ProposalState } from './proposal.ts'

/** What is read and written within one transaction. */
export interface ProposalTransaction {
  /** Joins the transaction. */
  readonly graph: AccountGraphStore
  find(id: string): Promise<Proposal | undefined>
  /** Those that stand open about any of these accounts, oldest first. */
  openAbout(accountIds: readonly string[], at: Date): Promise<readonly Proposal[]>
  /** Roles in force: of those who can sign in. */
  rolesInForce(accountIds: readonly string[]): Promise<ReadonlyMap<string, Role>>
  /**
   * A program that may propose at the admin API, with those who registered or changed it, or said what it may: who has had its secret is
   * among them.
   */
  program(clientId: string): Promise<{ readonly keepers: readonly AuditActor[] } | undefined>
  /** Of these accounts those that have one. */
  roles(accountIds: readonly string[]): Promise<ReadonlyMap<string, Role>>
  /** Owners outside of these accounts who can sign in. */
  ownersBeside(accountIds: readonly string[]): Promise<number>
  /** The account that each of these leads to. */
  survivors(accountIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export interface ProposalDecision extends ProposalTransaction {
  insert(proposal: Omit<Proposal, 'sequence' | 'closed'>): Promise<void>
  /** @returns false, with nothing written: it is not open any more */
  close(id: string, closing: ProposalClosing): Promise<boolean>
  append(event: AuditEvent, at: Date, actor: AuditActor): Promise<void>
}

export interface ProposalFilter {
  readonly state?: ProposalState | undefined
  /** About any of these. */
  readonly accountIds?: readonly string[] | undefined
}

/** Port: proposals, and the accounts that they are about. */
export interface ProposalStore {
  /** While `work` runs nothing else is done to accounts by hand, and no first log-in is under way; all that it writes, or nothing. */
  decide<Result>(work: (inside: ProposalDecision) => Promise<Result>): Promise<Result>
  /** All that `work` reads is of one moment. */
  look<Result>(work: (inside: ProposalTransaction) => Promise<Result>): Promise<Result>
  /** Newest first. @param before a `sequence` */
  list(
    filter: ProposalFilter,
    page: { readonly before?: string | undefined; readonly limit: number; readonly at: Date },
  ): Promise<readonly Proposal[]>
  countOpen(at: Date): Promise<number>
  /** Closes those whose time is over, each with its event. @returns how many */
  closeExpired(at: Date, limit: number): Promise<number>
}
