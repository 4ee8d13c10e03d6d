import type { AuditSealer } from '../../audit/seal/create-audit-sealer.ts'
import type { Log } from '../../observability/log.ts'
import { repeat } from '../repeat.ts'

/** A record can be changed unnoticed for about twice as long. */
const EVERY_MS = 10_000

/** Seals the log from time to time; of several processes one does it. What fails is logged and tried again. */
export function keepAuditSealed(sealer: Pick<AuditSealer, 'seal'>, log: Pick<Log, 'error'>): { stop(): Promise<void> } {
  return repeat(
    EVERY_MS,
    () => sealer.seal(),
    (fault) => {
      log.error({ err: fault }, 'the audit log could not be sealed')
    },
  )
}
