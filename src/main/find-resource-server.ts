import type { FindResourceServer } from '../oidc/resource-indicators.ts'
import type { ClientLookup } from '../relying-party/client-registry.ts'
import { sectorOfClient } from '../relying-party/sector.ts'
import type { ResourceServerStore } from '../storage/resource-server-store.ts'

/** From the name of an API to the client that registered it. */
export function createFindResourceServer({
  store,
  clients,
}: {
  readonly store: ResourceServerStore
  readonly clients: ClientLookup
}): FindResourceServer {
  return async (resource) => {
    const clientId = await store.clientIdOf(resource)
    const client = clientId === undefined ? undefined : await clients.find(clientId)
    return client?.resourceServer && { resourceServer: client.resourceServer, sector: sectorOfClient(client) }
  }
}
