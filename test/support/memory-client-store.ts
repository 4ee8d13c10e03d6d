import type { ClientRecord, ClientStore, StoredClient } from '../../src/relying-party/client-store.ts'

/** The port of src/relying-party in memory; what goes in becomes JSON, as in a database. */
export interface MemoryClientStore extends ClientStore {
  readonly rows: Map<string, StoredClient>
}

export function createMemoryClientStore(): MemoryClientStore {
  const rows = new Map<string, StoredClient>()
  const write = ({ clientId, registration, secrets }: ClientRecord, at: Date): boolean => {
    const known = rows.get(clientId)
    rows.set(clientId, {
      clientId,
      registration: JSON.parse(JSON.stringify(registration)) as unknown,
      secrets: JSON.parse(JSON.stringify(secrets)) as unknown,
      version: (known?.version ?? 0) + 1,
      createdAt: known?.createdAt ?? at,
      updatedAt: at,
      disabledAt: known?.disabledAt,
    })
    return true
  }
  return {
    rows,
    find: (clientId) => Promise.resolve(rows.get(clientId)),
    list: () => Promise.resolve([...rows.values()].toSorted((one, other) => (one.clientId < other.clientId ? -1 : 1))),
    search: ({ text = '', status, after = '', limit }) =>
      Promise.resolve(
        [...rows.values()]
          .filter(({ clientId }) => clientId > after)
          .filter(({ disabledAt }) => status === undefined || (disabledAt !== undefined) === (status === 'disabled'))
          .filter((row) => JSON.stringify([row.clientId, row.registration]).toLowerCase().includes(text.toLowerCase()))
          .toSorted((one, other) => (one.clientId < other.clientId ? -1 : 1))
          .slice(0, limit),
      ),
    insert: (client, at) => Promise.resolve(!rows.has(client.clientId) && write(client, at)),
    replace: (client, version, at) =>
      Promise.resolve(rows.get(client.clientId)?.version === version && write(client, at)),
    upsert: (client, at) => Promise.resolve(void write(client, at)),
    setDisabled(clientId, disabled, at) {
      const known = rows.get(clientId)
      if (known === undefined) return Promise.resolve(false)
      const disabledAt = disabled ? (known.disabledAt ?? at) : undefined
      rows.set(clientId, { ...known, disabledAt, version: known.version + 1, updatedAt: at })
      return Promise.resolve(true)
    },
  }
}
