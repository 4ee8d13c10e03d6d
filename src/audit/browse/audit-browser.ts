import type { AuditSeal, Tombstone } from '../seal/audit-seal.ts'
import type { StoredEvent } from '../seal/stored-event.ts'

/** What somebody looks for in the log; everything that is named must hold. */
export interface AuditFilter {
  readonly type?: string | undefined
  readonly accountId?: string | undefined
  readonly clientId?: string | undefined
  /** Of a refusal. */
  readonly code?: string | undefined
  /** `person`, `operator`, `schedule`, `client`, or an administrator. */
  readonly actor?: string | undefined
  readonly from?: Date | undefined
  readonly until?: Date | undefined
}

export interface AuditPage {
  /** Newest first. */
  readonly events: readonly StoredEvent[]
  /** Where the next page begins; undefined when there is nothing older. A page may be short, even empty, and yet not be the last. */
  readonly older: bigint | undefined
}

/** Port: reads single records and pages of them, at a bounded cost whatever is looked for. */
export interface AuditBrowser {
  /** @param before records with smaller numbers only */
  page(
    filter: AuditFilter,
    options: { readonly before?: bigint | undefined; readonly limit: number },
  ): Promise<AuditPage>
  event(sequence: bigint): Promise<StoredEvent | undefined>
  /** The seal over a number, and the one before it. */
  sealOver(
    sequence: bigint,
  ): Promise<{ readonly seal: AuditSeal; readonly previous: AuditSeal | undefined } | undefined>
  sealNumbered(number: number): Promise<AuditSeal | undefined>
  /** Of the seals in this range. */
  tombstones(range: { readonly after: number; readonly upTo: number }): Promise<readonly Tombstone[]>
  /** Everything under so many seals, for export and verification: each batch is read at one moment. */
  sealed(range: { readonly after: number; readonly upTo: number }): AsyncGenerator<{
    readonly seal: AuditSeal
    readonly events: readonly StoredEvent[]
  }>
  /** The newest seal, and how much is not sealed yet. */
  head(): Promise<{ readonly seal: AuditSeal | undefined; readonly lastSequence: bigint }>
}
