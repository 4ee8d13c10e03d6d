import { Cluster, Redis } from 'ioredis'
import { translateRedisFault } from './redis-fault.ts'
import type { RedisLocation } from './redis-location.ts'
import { SCRIPTS } from './scripts.ts'
import { sendTogether } from './send-together.ts'

export type RedisClient = Redis | Cluster

/** A command that has no answer by then has failed: the person sees "try again" instead of a page that hangs. */
const COMMAND_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 3_000
const LONGEST_PAUSE_MS = 2_000
/** How soon a replica that took its master's place in a Cluster is found. */
const SLOTS_REFRESH_MS = 1_000

/**
 * A client that never sends a command twice by itself: an answer that was lost may have taken something that is taken once.
 * While there is no connection every command fails at once.
 *
 * @throws Refusal SERVER_STORAGE_UNAVAILABLE
 */
export async function connectRedis(location: RedisLocation): Promise<RedisClient> {
  const client = location.kind === 'cluster' ? openCluster(location) : openSingle(location)
  if ('nodes' in client) sendTogether(client)
  let cause: unknown
  client.on('error', (fault: unknown) => {
    // later ones are told by the command that fails, and by health()
    cause = fault
  })
  try {
    await client.connect()
  } catch (fault) {
    client.disconnect()
    throw translateRedisFault(cause ?? fault)
  }
  return client
}

function openSingle(location: RedisLocation): Redis {
  const { kind, nodes, masterName, sentinelPassword, database, tls } = location
  const options = {
    ...optionsOf(location),
    scripts: SCRIPTS,
    lazyConnect: true,
    enableOfflineQueue: false,
    db: database,
    retryStrategy: pauseBefore,
  }
  if (kind === 'single') {
    const [{ host, port } = { host: '127.0.0.1', port: 6379 }] = nodes
    return new Redis({ ...options, host, port })
  }
  return new Redis({
    ...options,
    sentinels: nodes.map(({ host, port }) => ({ host, port })),
    name: masterName ?? 'mymaster',
    sentinelRetryStrategy: pauseBefore,
    failoverDetector: true,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === false ? {} : { sentinelTLS: tlsOf(tls), enableTLSForSentinelMode: true }),
  })
}

function openCluster(location: RedisLocation): Cluster {
  return new Cluster(
    location.nodes.map(({ host, port }) => ({ host, port })),
    {
      scripts: SCRIPTS,
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: pauseBefore,
      clusterNodeRetryStrategy: pauseBefore,
      // not even after a broken connection; MOVED and TRYAGAIN mean that nothing was done
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      // with no delay a broken connection makes the client ask for nothing: it would go on looking for a master that is gone
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      redisOptions: optionsOf(location),
    },
  )
}

function optionsOf({ username, password, tls }: RedisLocation) {
  return {
    connectionName: 'sekisho',
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === false ? {} : { tls: tlsOf(tls) }),
  }
}

function tlsOf({ ca }: { readonly ca?: string | undefined }): { ca?: string } {
  return ca === undefined ? {} : { ca }
}

function pauseBefore(attempt: number): number {
  return Math.min(attempt * 100, LONGEST_PAUSE_MS)
}
