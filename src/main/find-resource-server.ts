import type { ClientLookup, ServedClient } from '../relying-party/client-registry.ts'
import type { ResourceServer } from '../relying-party/resource-server.ts'
import { sectorOfClient } from '../relying-party/sector.ts'
import type { ResourceServerStore } from '../storage/resource-server-store.ts'

/** An API as its client registered it. */
export interface FoundApi extends Pick<ServedClient, 'displayName' | 'scopeDescriptions'> {
  readonly resourceServer: ResourceServer
  readonly sector: string
}

/** From the name of an API to the client that registered it. */
export function createFindResourceServer({
  store,
  clients,
}: {
  readonly store: ResourceServerStore
  readonly clients: ClientLookup
}): (resource: string) => Promise<FoundApi | undefined> {
  return async (resource) => {
    const clientId = await store.clientIdOf(resource)
    const client = clientId === undefined ? undefined : await clients.find(clientId)
    if (client?.resourceServer === undefined) return undefined
    const { resourceServer, displayName, scopeDescriptions } = client
    return { resourceServer, sector: sectorOfClient(client), displayName, scopeDescriptions }
  }
}
