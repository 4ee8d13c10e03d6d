import { LRUCache } from 'lru-cache'
import type { ClientLookup, ServedClient } from './client-registry.ts'

/** Port: tells of changed registrations, whichever process changed them. */
export interface ClientChanges {
  /** Whether every change is being heard of now. */
  isListening(): boolean
  /** @param listener gets the client that changed, or undefined when any may have */
  onChange(listener: (clientId: string | undefined) => void): void
}

export interface CacheClientsDependencies {
  readonly clients: ClientLookup
  readonly changes: ClientChanges
  readonly now: () => Date
  /** Told of every look-up, for whoever counts. */
  readonly onLookup?: (found: boolean) => void
}

const MAX_CLIENTS = 1000

/** Belt and braces: a change is told within milliseconds, and a feed that has gone deaf knows it within seconds. */
const TTL_MS = 60_000

/**
 * Remembers the clients that were looked up, until it is told that they changed. While changes are not being heard of, it asks every
 * time: a client that was disabled must not go on because of a broken connection. Unknown clients are never remembered.
 */
export function cacheClients({ clients, changes, now, onLookup }: CacheClientsDependencies): ClientLookup {
  const cache = new LRUCache<string, ServedClient>({
    max: MAX_CLIENTS,
    ttl: TTL_MS,
    perf: { now: () => now().getTime() },
    ttlResolution: 0,
  })
  let changesSoFar = 0
  changes.onChange((clientId) => {
    changesSoFar += 1
    if (clientId === undefined) cache.clear()
    else cache.delete(clientId)
  })

  return {
    async find(clientId) {
      if (!changes.isListening()) return clients.find(clientId)
      const known = cache.get(clientId)
      onLookup?.(known !== undefined)
      if (known !== undefined) return known
      const before = changesSoFar
      const found = await clients.find(clientId)
      // what was read may be older than a change that was told in the meantime
      if (found !== undefined && before === changesSoFar && changes.isListening()) cache.set(clientId, found)
      return found
    },
  }
}
