import type { AuditActor } from '../../audit/audit-event.ts'
import type { ConnectionOverview, SessionOverview } from '../../subject/account-overview.ts'
import type { AccountGraphStore, GraphSnapshot } from '../../subject/graph/account-graph-store.ts'

type Operations = Awaited<ReturnType<AccountGraphStore['operations']>>

/** What an administrator sees of an account: ids, dates and links. Nothing of what was read from a card is there to be seen. */
export interface AccountRecord {
  /** Where the account that was asked for leads to. */
  readonly accountId: string
  readonly snapshot: GraphSnapshot
  /** Newest first. */
  readonly operations: Operations
  readonly sessions: readonly SessionOverview[]
  readonly sites: readonly ConnectionOverview[]
  /** What sites call them by an id of their own. */
  readonly external: readonly ExternalId[]
  /** What they were told, or will be at their next sign-in. */
  readonly notices: readonly { readonly operationId: string; readonly toldAt: Date | undefined }[]
}

export interface ExternalId {
  readonly clientId: string
  readonly externalId: string
  readonly linkedAt: Date
}

/** Port: one account. */
export interface AccountRecords {
  /** @param accountOrSub @throws Refusal ADMIN_ACCOUNT_NOT_FOUND */
  read(accountOrSub: string): Promise<AccountRecord>
  /** Sessions and sites of several accounts, for a preview. */
  holdings(accountIds: readonly string[]): Promise<ReadonlyMap<string, Pick<AccountRecord, 'sessions' | 'sites'>>>
  /** With its record in the log. @returns false when it is not there any more */
  endSession(accountId: string, reference: string, actor: AuditActor): Promise<boolean>
}
