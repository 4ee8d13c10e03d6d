import type { AuditActor, AuditEvent } from '../../audit/audit-event.ts'

/** Port (storage/): the audit log, told who it was. */
export interface AdminJournal {
  /** Resolves once it is durably written. @throws Refusal SERVER_STORAGE_UNAVAILABLE: then nothing is done */
  append(event: AuditEvent, actor: AuditActor): Promise<void>
}
