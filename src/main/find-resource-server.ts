import { LRUCache } from 'lru-cache'
import type { ClientLookup, ServedClient } from '../relying-party/client-registry.ts'
import { ACTS, scopeOf } from '../administration/permissions.ts'
import { ownApi } from '../relying-party/own-api.ts'
import type { ResourceServer } from '../relying-party/resource-server.ts'
import { sectorOfClient } from '../relying-party/sector.ts'
import type { ResourceServerStore } from '../storage/resource-server-store.ts'

/** An API as its client registered it. */
export interface FoundApi extends Pick<ServedClient, 'displayName' | 'scopeDescriptions'> {
  readonly resourceServer: ResourceServer
  readonly sector: string
  readonly isForProgramsOnly?: boolean
}

const OWN_NAME = { ja: 'Sekisho の API', en: 'The API of Sekisho' }

const MAX_REMEMBERED = 1000

const ADMIN_NAME = { ja: 'Sekisho 管理 API', en: 'The admin API of Sekisho' }

/** From the name of an API to the client that registered it, or to the provider's own. @param adminApi name of the admin API, if there is one */
export function createFindResourceServer({
  issuer,
  adminApi,
  store,
  clients,
}: {
  readonly issuer: string
  readonly adminApi?: string | undefined
  readonly store: ResourceServerStore
  readonly clients: ClientLookup
}): (resource: string) => Promise<FoundApi | undefined> {
  const own: FoundApi = {
    resourceServer: ownApi(issuer),
    sector: new URL(issuer).host,
    displayName: OWN_NAME,
    scopeDescriptions: undefined,
    isForProgramsOnly: true,
  }
  // only where to look: what the client says of itself decides
  const registeredBy = new LRUCache<string, string>({ max: MAX_REMEMBERED })
  const apiOf = async (clientId: string | undefined, resource: string): Promise<FoundApi | undefined> => {
    const client = clientId === undefined ? undefined : await clients.find(clientId)
    if (client?.resourceServer?.resource !== resource) return undefined
    const { resourceServer, displayName, scopeDescriptions } = client
    return { resourceServer, sector: sectorOfClient(client), displayName, scopeDescriptions }
  }
  const administration: FoundApi | undefined =
    adminApi === undefined
      ? undefined
      : {
          // opaque: a token ends at once with its client, its account or its card
          resourceServer: { ...ownApi(issuer), resource: adminApi, scopes: ACTS.map(scopeOf) },
          sector: new URL(issuer).host,
          displayName: ADMIN_NAME,
          scopeDescriptions: undefined,
        }
  return async (resource) => {
    if (resource === administration?.resourceServer.resource) return administration
    if (resource === own.resourceServer.resource) return own
    const remembered = await apiOf(registeredBy.get(resource), resource)
    if (remembered !== undefined) return remembered
    const clientId = await store.clientIdOf(resource)
    const found = await apiOf(clientId, resource)
    if (clientId !== undefined && found !== undefined) registeredBy.set(resource, clientId)
    return found
  }
}
