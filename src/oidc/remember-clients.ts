import type { Client, default as Provider } from 'oidc-provider'
import type { ClientLookup, ServedClient } from '../relying-party/client-registry.ts'

/**
 * oidc-provider looks a client up several times a request, and knows by a digest over all its metadata whether it changed. What we serve of a
 * client is one object until it changes (relying-party/cache-clients.ts), so that object says as much.
 */
export function rememberClients(provider: Provider, registered: ClientLookup): void {
  const { Client: model } = provider
  const find = model.find.bind(model)
  const made = new WeakMap<ServedClient, Client>()
  model.find = async (id: string): Promise<Client | undefined> => {
    // whatever a request names
    const served = typeof id === 'string' && id !== '' ? await registered.find(id) : undefined
    if (served === undefined) return undefined
    const known = made.get(served)
    if (known !== undefined) return known
    const client = await find(id)
    if (client !== undefined) made.set(served, client)
    return client
  }
}
