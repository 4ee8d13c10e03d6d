import { recordOf, type AuditActor, type AuditEvent } from '../audit/audit-event.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Database, Queryable } from './database.ts'

/** The log in PostgreSQL; a trigger refuses every UPDATE, DELETE and TRUNCATE. */
export function createAuditLog({ database, now }: { readonly database: Database; readonly now: () => Date }): AuditLog {
  return { append: (event) => appendAuditEvents(database, [event], now()) }
}

/** In the transaction of what is told: both are there, or neither. */
export async function appendAuditEvents(
  transaction: Queryable,
  events: readonly AuditEvent[],
  at: Date,
  by?: AuditActor,
): Promise<void> {
  for (const event of events) {
    const { type, actor, accountId, credentialId, clientId, details } = recordOf(event, at, by)
    await transaction.query(
      `INSERT INTO audit_events (at, type, actor, account_id, credential_id, client_id, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [at, type, actor, accountId, credentialId, clientId, JSON.stringify(details)],
    )
  }
}
