import type { AuditSealer } from '../../audit/seal/create-audit-sealer.ts'
import type { Log } from '../../observability/log.ts'
import { repeat } from '../repeat.ts'

const EVERY_MS = 3_600_000
const DAY_MS = 86_400_000

export interface KeepAuditPrunedDependencies {
  readonly sealer: Pick<AuditSealer, 'prune'>
  readonly keepDays: number
  readonly log: Pick<Log, 'info' | 'error'>
  readonly now: () => Date
  readonly everyMs?: number
}

/** Takes out what is older than it must be kept (AUDIT_KEEP_DAYS); of several processes one does it, as with seals. */
export function keepAuditPruned({ sealer, keepDays, log, now, everyMs = EVERY_MS }: KeepAuditPrunedDependencies): {
  stop(): Promise<void>
} {
  return repeat(
    everyMs,
    async () => {
      const before = new Date(now().getTime() - keepDays * DAY_MS)
      const events = await sealer.prune(before, `older than ${keepDays} days (AUDIT_KEEP_DAYS)`)
      if (events > 0) log.info({ events, keepDays }, 'old records were taken out of the audit log')
    },
    (fault) => {
      log.error({ err: fault }, 'the audit log keeps more than AUDIT_KEEP_DAYS says')
    },
  )
}
