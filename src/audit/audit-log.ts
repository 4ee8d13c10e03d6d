import type { AuditEvent } from './audit-event.ts'

/** Port: the log. Nothing in it is ever changed or removed. */
export interface AuditLog {
  /**
   * Resolves once the event is durably written.
   *
   * @throws Refusal SERVER_STORAGE_UNAVAILABLE: whoever may not go on without a record does not go on
   */
  append(event: AuditEvent): Promise<void>
}
