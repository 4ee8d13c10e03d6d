import type { AuditActor } from '../../src/audit/audit-event.ts'
import { createApiClientStore } from '../../src/storage/api-client-store.ts'
import type { Database } from '../../src/storage/database.ts'

/** A program at the admin API that may propose. */
export async function addProposingProgram(database: Database, clientId: string, addedBy: AuditActor): Promise<void> {
  await database.query(
    `INSERT INTO clients (client_id, registration, created_at, updated_at) VALUES ($1, '{}', now(), now())`,
    [clientId],
  )
  await createApiClientStore(database).put({
    clientId,
    scopes: ['admin:proposals:create'],
    addedBy,
    addedAt: new Date(),
  })
}
