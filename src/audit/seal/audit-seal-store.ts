import type { AuditSeal, Tombstone } from './audit-seal.ts'
import type { StoredEvent } from './stored-event.ts'

/** How far the log was written at one moment. */
export interface Horizon {
  readonly lastSequence: bigint
  /** Opaque: by it the store tells whether all who were writing then have ended. */
  readonly mark: string
}

export interface AuditSealTable {
  last(): Promise<AuditSeal | undefined>
  /** In order, at most `limit`, each after `after` and up to `upTo`. */
  events(range: { after: bigint; upTo: bigint; limit: number }): Promise<readonly StoredEvent[]>
  append(seal: AuditSeal): Promise<void>
  /** The seals without a tombstone whose newest record is older than `before`, in order. */
  prunable(before: Date, limit: number): Promise<readonly AuditSeal[]>
  /** Writes the tombstone and takes out what it stands for. */
  bury(tombstone: Tombstone): Promise<void>
}

/** Port: the seals beside the log. */
export interface AuditSealStore {
  horizon(): Promise<Horizon>
  /** Whether nothing can appear any more at or before a horizon. */
  isSettled(horizon: Horizon): Promise<boolean>
  /** Runs `work` in one transaction; @returns undefined at once when another process is at it */
  tryExclusively<Result>(work: (table: AuditSealTable) => Promise<Result>): Promise<Result | undefined>
}
