import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { locationOf, ROUTES } from '../support/places.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { startRedis } from '../support/redis.ts'

/** Steps that come together are one command of Redis, and each stands for itself (docs/adr/0005). */
const UNAVAILABLE = { code: 'SERVER_STORAGE_UNAVAILABLE' }
const newKey = (): string => `sekisho:test:${randomBytes(8).toString('hex')}`

describe.each([
  ['Redis', startRedis],
  ['Redis Cluster', startRedisCluster],
])('steps in %s', (name, start) => {
  let made: TestDatabase
  let server: { readonly url: string; close(): Promise<void> }
  let redis: OpenedRedis

  beforeAll(async () => {
    ;[made, server] = await Promise.all([createMigratedDatabase(DATABASES[0].createDatabase), start()])
    redis = await openRedis({
      location: locationOf(server.url),
      database: made.database,
      routes: ROUTES,
      now: () => new Date(),
      onSuperseded: () => undefined,
    })
  })
  afterAll(async () => {
    await redis.close()
    await server.close()
    await made.remove()
  })
  beforeEach(async () => {
    // sent in full where it is not known
    await redis.run('delete', [newKey()])
  })

  const masters = () => ('nodes' in redis.client ? redis.client.nodes('master') : [redis.client])
  const write = (key: string, text = '{}') => redis.run('write', [key], [60_000, Date.now() + 60_000, text, '0'])

  test('one that fails fails alone, before and after it all is done', async () => {
    const [first, wrong, last] = [newKey(), newKey(), newKey()]
    await redis.client.lpush(wrong, 'a list')
    const [before, failing, after, read] = await Promise.allSettled([
      write(first, '"first"'),
      redis.run('limit', [wrong], [5, 60_000]),
      write(last, '"last"'),
      redis.run('find', [last]),
    ])
    expect([before, after]).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 1 },
    ])
    expect(String((failing as PromiseRejectedResult).reason)).toContain('WRONGTYPE')
    expect(read).toEqual({ status: 'fulfilled', value: '"last"' })
    expect(await redis.run('find', [first])).toBe('"first"')
  })

  test('one that brings what cannot be fails alone', async () => {
    const [first, last] = [newKey(), newKey()]
    const never = new Date(NaN)
    const steps = await Promise.allSettled([
      write(first),
      redis.run('take', [newKey()], [], never),
      redis.run('index', [newKey()], [60_000, NaN, 'x'], never),
      redis.run('unheard' as 'find', [newKey()]),
      write(last),
    ])
    expect([steps[0], steps[4]]).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 1 },
    ])
    expect(steps.slice(2, 4).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await redis.run('find', [first])).toBe('{}')
  })

  test('each gets its own answer, also none at all, whatever the others get', async () => {
    const [there, absent] = [newKey(), newKey()]
    await write(there, '"関所 \\u0000 $5\\r\\n"')
    expect(
      await Promise.all([
        redis.run('find', [absent]),
        redis.run('find', [there]),
        redis.run('take', [absent]),
        redis.run('indexed', [absent]),
        redis.run('delete', [absent]),
      ]),
    ).toEqual([null, '"関所 \\u0000 $5\\r\\n"', null, [], 0])
  })

  test('of 300 at once each is done once, in the order in which they came', async () => {
    const key = newKey()
    const counts = Array.from({ length: 300 }, () => redis.run('count', [key], [60_000, 150]))
    const answers = await Promise.all(counts)
    expect(answers).toEqual(Array.from({ length: 300 }, (_, at) => (at < 150 ? 1 : 0)))
    expect(await redis.client.get(key)).toBe('300')
  })

  test(`they are ${name === 'Redis' ? 'few commands' : 'a command each: some keys may be on their way'}`, async () => {
    const asked = async (): Promise<number> => {
      const told = await Promise.all(masters().map((master) => master.info('commandstats')))
      const calls = told.flatMap((text) => [...text.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)])
      return calls.reduce((sum, [, count]) => sum + Number(count), 0)
    }
    const before = await asked()
    await Promise.all(Array.from({ length: 100 }, () => write(newKey())))
    const commands = (await asked()) - before
    if (name === 'Redis') expect(commands).toBeLessThanOrEqual(2)
    else expect(commands).toBeGreaterThanOrEqual(100)
  })

  test('attack 41: a server that is full keeps nothing new, and goes on reading', async () => {
    const key = newKey()
    await write(key)
    await Promise.all(masters().map((master) => master.config('SET', 'maxmemory', '1')))
    try {
      const [read, refused] = await Promise.allSettled([redis.run('find', [key]), write(newKey())])
      expect(read).toEqual({ status: 'fulfilled', value: '{}' })
      expect(refused).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    } finally {
      await Promise.all(masters().map((master) => master.config('SET', 'maxmemory', '0')))
    }
  })
})
