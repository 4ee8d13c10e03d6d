import type { ClientRecord, ClientStore, StoredClient } from '../relying-party/client-store.ts'
import { resourceTaken } from '../relying-party/resource-taken.ts'
import type { Queryable } from './database.ts'

const COLUMNS = 'client_id, registration, secrets, version, created_at, updated_at, disabled_at'

/** Registrations of sites in PostgreSQL. A trigger tells every process of each change (migration 0004). */
export function createClientStore(database: Queryable): ClientStore {
  const write = (text: string, values: readonly unknown[]) => database.query(text, values).catch(nameTakenResource)

  return {
    async find(clientId) {
      const { rows } = await database.query<ClientRow>(`SELECT ${COLUMNS} FROM clients WHERE client_id = $1`, [
        clientId,
      ])
      return rows[0] && clientOf(rows[0])
    },

    async list() {
      const { rows } = await database.query<ClientRow>(`SELECT ${COLUMNS} FROM clients ORDER BY client_id`)
      return rows.map(clientOf)
    },

    async search({ text = '', status, after = '', limit }) {
      const { rows } = await database.query<ClientRow>(
        `SELECT ${COLUMNS} FROM clients
         WHERE client_id > $1 COLLATE "C" AND ($2::boolean IS NULL OR (disabled_at IS NOT NULL) = $2)
           AND ($3 = '' OR strpos(lower(concat_ws(E'\n', client_id, registration ->> 'owner',
             registration #>> '{displayName,ja}', registration #>> '{displayName,en}')), lower($3)) > 0)
         ORDER BY client_id COLLATE "C" LIMIT $4`,
        [after, status === undefined ? null : status === 'disabled', text, limit],
      )
      return rows.map(clientOf)
    },

    async insert(client, at) {
      const { rowCount } = await write(
        `INSERT INTO clients (client_id, registration, secrets, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (client_id) DO NOTHING`,
        valuesOf(client, at),
      )
      return rowCount === 1
    },

    async replace(client, version, at) {
      const { rowCount } = await write(
        `UPDATE clients SET registration = $2, secrets = $3, updated_at = $4, version = version + 1
         WHERE client_id = $1 AND version = $5`,
        [...valuesOf(client, at), version],
      )
      return rowCount === 1
    },

    async upsert(client, at) {
      await write(
        `INSERT INTO clients (client_id, registration, secrets, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (client_id) DO UPDATE SET registration = excluded.registration, secrets = excluded.secrets,
           updated_at = excluded.updated_at, version = clients.version + 1`,
        valuesOf(client, at),
      )
    },

    async setDisabled(clientId, disabled, at) {
      const { rowCount } = await database.query(
        `UPDATE clients SET updated_at = $3, version = version + 1,
           disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, $3) END
         WHERE client_id = $1`,
        [clientId, disabled, at],
      )
      return rowCount === 1
    },
  }
}

/** An API has one owner (migration 0005). */
function nameTakenResource(fault: unknown): never {
  throw (fault as { readonly constraint?: unknown }).constraint === 'clients_by_resource' ? resourceTaken() : fault
}

function valuesOf({ clientId, registration, secrets }: ClientRecord, at: Date): unknown[] {
  return [clientId, JSON.stringify(registration), JSON.stringify(secrets), at]
}

interface ClientRow {
  readonly client_id: string
  readonly registration: unknown
  readonly secrets: unknown
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
  readonly disabled_at: Date | null
}

function clientOf(row: ClientRow): StoredClient {
  return {
    clientId: row.client_id,
    registration: row.registration,
    secrets: row.secrets,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    disabledAt: row.disabled_at ?? undefined,
  }
}
