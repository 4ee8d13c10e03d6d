import type { ConfigurationTokenStore } from '../relying-party/dynamic/registration-token.ts'
import type { Queryable } from './database.ts'

/** Registration access tokens in PostgreSQL. */
export function createConfigurationTokenStore(database: Queryable): ConfigurationTokenStore {
  return {
    async insert(clientId, digest, at) {
      await database.query(
        'INSERT INTO client_configuration_tokens (client_id, token_digest, created_at) VALUES ($1, $2, $3)',
        [clientId, digest, at],
      )
    },

    async find(digest) {
      const { rows } = await database.query<{ client_id: string }>(
        'SELECT client_id FROM client_configuration_tokens WHERE token_digest = $1',
        [digest],
      )
      return rows[0]?.client_id
    },

    async remove(clientId) {
      await database.query('DELETE FROM client_configuration_tokens WHERE client_id = $1', [clientId])
    },
  }
}
