import type { ApiClient, ApiClientStore } from '../administration/api-clients.ts'
import type { AuditActor, AuditEvent } from '../audit/audit-event.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database } from './database.ts'

/** Which programs may use the admin API, in PostgreSQL. */
export function createApiClientStore(database: Database): ApiClientStore {
  return {
    async list() {
      const { rows } = await database.query<Row>('SELECT * FROM admin_api_clients ORDER BY client_id')
      return rows.map(clientOf)
    },

    async find(clientId) {
      const { rows } = await database.query<Row>('SELECT * FROM admin_api_clients WHERE client_id = $1', [clientId])
      return rows[0] && clientOf(rows[0])
    },

    put: ({ clientId, scopes, addedBy, addedAt }) =>
      database.transaction(async (transaction) => {
        await transaction.query(
          `INSERT INTO admin_api_clients (client_id, scopes, added_by, added_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (client_id) DO UPDATE
           SET scopes = excluded.scopes, added_by = excluded.added_by, added_at = excluded.added_at`,
          [clientId, scopes, addedBy, addedAt],
        )
        const event: AuditEvent = { type: 'admin.api_client_changed', clientId, change: 'added', scopes: [...scopes] }
        await appendAuditEvents(transaction, [event], addedAt, addedBy)
      }),

    remove: (clientId, actor, at) =>
      database.transaction(async (transaction) => {
        const { rowCount } = await transaction.query('DELETE FROM admin_api_clients WHERE client_id = $1', [clientId])
        if (rowCount !== 1) return false
        const event: AuditEvent = { type: 'admin.api_client_changed', clientId, change: 'removed', scopes: [] }
        await appendAuditEvents(transaction, [event], at, actor)
        return true
      }),
  }
}

interface Row {
  readonly client_id: string
  readonly scopes: readonly string[]
  readonly added_by: AuditActor
  readonly added_at: Date
}

function clientOf(row: Row): ApiClient {
  return { clientId: row.client_id, scopes: row.scopes, addedBy: row.added_by, addedAt: row.added_at }
}
