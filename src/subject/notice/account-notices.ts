import type { GraphAct } from '../graph/account-graph-store.ts'
import type { ToldReason } from './told-reason.ts'

/** Something that others did to a person's account. Never who, and never what was written for the log. */
export interface AccountNotice {
  readonly operationId: string
  readonly act: GraphAct
  /** Of `undo`: what was taken back. */
  readonly undone: GraphAct | undefined
  /** The account is the other one of the operation: split off, merged into, or linked from. */
  readonly isOther: boolean
  readonly reason: ToldReason | undefined
  readonly at: Date
}

/** Port: what a person is told. Newest first; one notice an operation, also where both of its accounts are one by now. */
export interface AccountNotices {
  /** What they were not told yet. */
  untold(accountId: string): Promise<readonly AccountNotice[]>
  all(accountId: string, limit: number): Promise<readonly AccountNotice[]>
  /** They have read all up to this operation. May be said again. */
  told(accountId: string, upTo: string, at: Date): Promise<void>
}
