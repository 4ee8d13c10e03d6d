import { Redis } from 'ioredis'
import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { memoryOf } from '../process/cpu-of-tree.ts'
import { startRedis } from '../../test/support/redis.ts'

const PEOPLE = 16
/** What belongs to the log-in alone (its code, its ticket, its counts of the minute) is gone after so long, at everybody's. */
const LOG_IN_MS = 6 * 60_000

/** What a session takes in Redis, and what the server takes. */
export async function measureMemory(bench: Bench): Promise<void> {
  const sessions = bench.isQuick ? 100 : 1000
  const stockPort = (await bench.arena.redisPorts()).stock
  const stock = await perSession(bench, await bench.arena.stock(), stockPort, sessions)
  bench.fact('Redis per session at stock', stock.octets / 1000, 'kB')
  bench.fact('keys in Redis per session at stock', stock.keys, 'keys')

  const redis = await startRedis()
  const fresh = await bench.arena.anotherOurs({ redisUrl: redis.url })
  try {
    const own = await perSession(bench, fresh, redis.port, sessions)
    bench.fact('keys in Redis per session at ours', own.keys, 'keys')
    bench.reach('redisPerSession', own.octets / 1000)
  } finally {
    await fresh.stop()
    await redis.close()
  }
  const ours = await bench.arena.ours()
  bench.reach('rss', memoryOf(ours.pid) / 1024 ** 2)
  bench.fact('RSS of stock', memoryOf((await bench.arena.stock()).pid) / 1024 ** 2, 'MB')
}

async function perSession(bench: Bench, contestant: Contestant, redisPort: number, sessions: number) {
  const crowd = openCrowd(contestant, await bench.arena.cards(), PEOPLE)
  const client = new Redis(redisPort, '127.0.0.1')
  try {
    // first log-ins write what stays for good
    await crowd.logIn(PEOPLE * 4, { offline: true })
    await endLogIns(client)
    const before = await sizeOf(client)
    await crowd.logIn(sessions, { offline: true })
    await endLogIns(client)
    const after = await sizeOf(client)
    return { octets: (after.octets - before.octets) / sessions, keys: (after.keys - before.keys) / sessions }
  } finally {
    client.disconnect()
    await crowd.close()
  }
}

/** As if so long had passed. */
async function endLogIns(client: Redis): Promise<void> {
  let cursor = '0'
  do {
    const [next, keys] = await client.scan(cursor, 'COUNT', 1000)
    cursor = next
    for (const key of keys) {
      const left = await client.pttl(key)
      if (left >= 0 && left <= LOG_IN_MS) await client.del(key)
    }
  } while (cursor !== '0')
}

async function sizeOf(client: Redis): Promise<{ readonly octets: number; readonly keys: number }> {
  const info = await client.info('memory')
  return { octets: Number(/used_memory:(\d+)/.exec(info)?.[1]), keys: await client.dbsize() }
}
