import type { ClientStore } from '../relying-party/client-store.ts'
import type { Database } from './database.ts'

/** Registrations of sites in PostgreSQL. */
export function createClientStore(database: Database): ClientStore {
  return {
    async find(clientId) {
      const { rows } = await database.query<{ registration: unknown; sealed_secret: Buffer | null }>(
        'SELECT registration, sealed_secret FROM clients WHERE client_id = $1 AND disabled_at IS NULL',
        [clientId],
      )
      const [row] = rows
      return row && { clientId, registration: row.registration, sealedSecret: row.sealed_secret ?? undefined }
    },

    async upsert({ clientId, registration, sealedSecret }, at) {
      await database.query(
        `INSERT INTO clients (client_id, registration, sealed_secret, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (client_id) DO UPDATE SET registration = excluded.registration,
           sealed_secret = excluded.sealed_secret, updated_at = excluded.updated_at`,
        [clientId, JSON.stringify(registration), sealedSecret, at],
      )
    },
  }
}
