import type { AuditCountStore } from '../../audit/count/audit-count-store.ts'
import type { AuditSealer } from '../../audit/seal/create-audit-sealer.ts'
import type { Log } from '../../observability/log.ts'
import { repeat } from '../repeat.ts'

/** A record can be changed unnoticed for about twice as long. */
const EVERY_MS = 10_000
/** So that a log of years, counted for the first time, leaves the database time for others. */
const COUNTS_AT_ONCE = 5

/** Seals the log from time to time, and counts what is sealed; of several processes one does it. What fails is logged and tried again. */
export function keepAuditSealed(
  sealer: Pick<AuditSealer, 'seal'>,
  counts: Pick<AuditCountStore, 'countSealed'>,
  log: Pick<Log, 'error'>,
): { stop(): Promise<void> } {
  return repeat(
    EVERY_MS,
    async () => {
      await sealer.seal()
      for (let round = 0; round < COUNTS_AT_ONCE && (await counts.countSealed()); round += 1);
    },
    (fault) => {
      log.error({ err: fault }, 'the audit log could not be sealed')
    },
  )
}
