import type { Database } from './database.ts'

/** Port of main/: which client is the API of a name. Never a disabled one. */
export interface ResourceServerStore {
  clientIdOf(resource: string): Promise<string | undefined>
}

export function createResourceServerStore(database: Database): ResourceServerStore {
  return {
    async clientIdOf(resource) {
      const { rows } = await database.query<{ client_id: string }>(
        `SELECT client_id FROM clients WHERE registration #>> '{resourceServer,resource}' = $1 AND disabled_at IS NULL`,
        [resource],
      )
      return rows[0]?.client_id
    },
  }
}
