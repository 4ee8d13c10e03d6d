import type { AuditActor, AuditEvent } from '../../audit/audit-event.ts'
import type { LinkRelation } from '../chain/chain-store.ts'
import type { AccountStatus, CredentialKind, CredentialStatus } from '../credential-store.ts'
import type { ToldReason } from '../notice/told-reason.ts'
import type { GraphChange } from './graph-change.ts'

export interface GraphAccount {
  readonly accountId: string
  readonly status: AccountStatus
  readonly mergedInto: string | undefined
  readonly createdAt: Date
  /** Since when the status is what it is. */
  readonly since: Date
  /** Closed so long ago that nothing leads to it any more. */
  readonly erasedAt: Date | undefined
}

export interface GraphCredential {
  readonly credentialId: string
  /** The account it was put in; that one may have been merged into another since. */
  readonly accountId: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly firstSeenAt: Date
  readonly lastUsedAt: Date | undefined
  readonly notAfter: Date | undefined
}

export interface GraphLink {
  readonly newerId: string
  readonly olderId: string
  readonly relation: LinkRelation
  readonly actor: string
  readonly at: Date
}

export interface GraphSubject {
  readonly accountId: string
  readonly sector: string
  readonly sub: string
}

/** Whole families: accounts, everything merged into them, and what belongs to those. */
export interface GraphSnapshot {
  readonly accounts: readonly GraphAccount[]
  readonly credentials: readonly GraphCredential[]
  /** Standing ones. */
  readonly links: readonly GraphLink[]
  readonly subjects: readonly GraphSubject[]
  /** Standing ones: seen by sites where the account has no subject of its own. */
  readonly inherited: readonly GraphSubject[]
  /** Which accounts are linked to a user of which site. */
  readonly externalAccounts: readonly { readonly accountId: string; readonly clientId: string }[]
}

export const GRAPH_ACTS = ['link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close', 'undo'] as const
export type GraphAct = (typeof GRAPH_ACTS)[number]

/** What was done by hand, and what exactly changed. */
export interface GraphOperation {
  readonly id: string
  readonly act: GraphAct
  readonly accountId: string
  readonly otherAccountId: string | undefined
  readonly changes: readonly GraphChange[]
  readonly reason: string
  readonly actor: AuditActor
  readonly at: Date
  /** The operation that this one took back. */
  readonly undoes: string | undefined
}

/** Sessions, grants and tokens that end: what they were based on is no more. */
export interface SignOut {
  readonly accountId: string
  /** Only what came of taps of this card. */
  readonly credentialId?: string
}

/** What a rule decided: all of it is written in one transaction, or none. */
export interface GraphPlan {
  readonly operation: GraphOperation
  readonly event: AuditEvent
  /** The sites concerned are told. */
  readonly signsOut: readonly SignOut[]
  /** The people of both accounts are told, with this reason; undefined: its person did it. */
  readonly tells: { readonly reason: ToldReason | undefined } | undefined
}

/** Which families a decision is about. */
export interface GraphSeeds {
  readonly accountIds?: readonly string[]
  readonly credentialIds?: readonly string[]
}

export interface MergeCandidate {
  readonly id: string
  /** The one that was signed in to. */
  readonly accountId: string
  readonly otherAccountId: string
  readonly foundAt: Date
}

/** Port: accounts as they are changed by hand. */
export interface AccountGraphStore {
  /**
   * Reads the families, asks for a decision and writes it, while no other operation and no first log-in is under way.
   *
   * @throws what `decide` throws, with nothing written
   */
  change(seeds: GraphSeeds, decide: (snapshot: GraphSnapshot) => GraphPlan): Promise<void>
  read(seeds: GraphSeeds): Promise<GraphSnapshot>
  operation(id: string): Promise<(GraphOperation & { readonly undoneBy: string | undefined }) | undefined>
  /** Of every account of the families, newest first. */
  operations(
    accountIds: readonly string[],
  ): Promise<readonly (GraphOperation & { readonly undoneBy: string | undefined })[]>
  /** The account that a subject leads to now. */
  accountOfSubject(sub: string): Promise<string | undefined>
  mergeCandidates(limit: number): Promise<readonly MergeCandidate[]>
}
