import { Refusal } from '../../error-registry/refusal.ts'
import { connectRedis, type RedisClient } from './connect-redis.ts'
import { translateRedisFault } from './redis-fault.ts'
import type { RedisLocation } from './redis-location.ts'

export type RedisHealth =
  | { readonly state: 'ok' }
  /**
   * `evicting`: a server that is full would throw away what still counts, such as the memory of used proofs. `elsewhere`: other
   * servers of this database use another Redis.
   */
  | { readonly state: 'unavailable'; readonly fault: 'unreachable' | 'evicting' | 'elsewhere' }

/** Every master answers, and keeps what it is given. Never rejects; a command has its own time limit. */
export async function readRedisHealth(client: RedisClient): Promise<RedisHealth> {
  try {
    return (await mayEvict(client)) ? { state: 'unavailable', fault: 'evicting' } : { state: 'ok' }
  } catch {
    return { state: 'unavailable', fault: 'unreachable' }
  }
}

/** Connects, looks and goes: nothing is written, neither there nor in the database. Never rejects. */
export async function lookAtRedis(location: RedisLocation): Promise<RedisHealth> {
  try {
    const client = await connectRedis(location)
    try {
      return await readRedisHealth(client)
    } finally {
      client.disconnect()
    }
  } catch {
    return { state: 'unavailable', fault: 'unreachable' }
  }
}

/** @throws Refusal SERVER_REDIS_EVICTS, SERVER_STORAGE_UNAVAILABLE */
export async function refuseEviction(client: RedisClient): Promise<void> {
  let evicts: boolean
  try {
    evicts = await mayEvict(client)
  } catch (fault) {
    throw translateRedisFault(fault)
  }
  if (evicts) throw new Refusal('SERVER_REDIS_EVICTS', 'maxmemory-policy must be noeviction')
}

async function mayEvict(client: RedisClient): Promise<boolean> {
  const masters = 'nodes' in client ? client.nodes('master') : [client]
  if (masters.length === 0) throw new Error('no master answers')
  // CONFIG may be forbidden where Redis is a service; INFO never is
  const told = await Promise.all(masters.map((master) => master.info('memory')))
  return told.some((info) => /^maxmemory:[1-9]/m.test(info) && !/^maxmemory_policy:noeviction\r?$/m.test(info))
}
