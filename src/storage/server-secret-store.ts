import type { ServerSecretStore } from '../signing-key/nonce-secret.ts'
import type { Queryable } from './database.ts'

/** Secrets of the server in PostgreSQL; of processes that start at once, all get the same. */
export function createServerSecretStore(database: Queryable): ServerSecretStore {
  const find = async (name: string): Promise<Buffer | undefined> => {
    const { rows } = await database.query<{ sealed: Buffer }>('SELECT sealed FROM server_secrets WHERE name = $1', [
      name,
    ])
    return rows[0]?.sealed
  }
  return {
    find,

    async findOrInsert(name, sealed) {
      const known = await find(name)
      if (known !== undefined) return known
      await database.query('INSERT INTO server_secrets (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [
        name,
        sealed,
      ])
      return (await find(name)) ?? sealed
    },

    async replace(name, sealed) {
      await database.query('UPDATE server_secrets SET sealed = $2 WHERE name = $1', [name, sealed])
    },
  }
}
