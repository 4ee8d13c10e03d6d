import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Digest } from '../../src/sign-in/ticket-store.ts'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createCutOff } from '../support/cut-off.ts'
import { freePort } from '../support/free-port.ts'
import { locationOf, ROUTES } from '../support/places.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startRedis, type RedisPlace, type TestRedis } from '../support/redis.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

/** What a Redis that restarted, went back in time, was emptied or exchanged can and cannot do (docs/adr/0005). */
const START = new Date('2026-11-22T03:00:00Z')
const newId = (): string => randomBytes(32).toString('base64url')
const UNAVAILABLE = { code: 'SERVER_STORAGE_UNAVAILABLE' }

let made: TestDatabase
let database: Database
let directory: TempDirectory
let place: RedisPlace
let server: TestRedis
let clock = START
const opened: OpenedRedis[] = []
const superseded: number[] = []

beforeAll(async () => {
  made = await createMigratedDatabase(DATABASES[0].createDatabase)
  database = made.database
})
afterAll(() => made.remove())

beforeEach(async () => {
  await database.query('DELETE FROM redis_incarnations')
  clock = START
  superseded.length = 0
  directory = createTempDirectory('redis-kept')
  place = { port: await freePort(), directory: directory.path }
  server = await startRedis(['--repl-diskless-sync-delay', '0'], place)
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await server.close()
  await directory.remove()
})

/** A process of ours. */
async function open(url = server.url): Promise<OpenedRedis> {
  const redis = await openRedis({
    location: locationOf(url),
    database,
    routes: ROUTES,
    now: () => clock,
    onSuperseded: (count) => superseded.push(count),
    lookMs: 200,
  })
  opened.push(redis)
  return redis
}

async function command(port: number, ...words: readonly string[]): Promise<unknown> {
  const client = new Redis(port, '127.0.0.1')
  try {
    return await client.call(words[0] ?? '', ...words.slice(1))
  } finally {
    client.disconnect()
  }
}

/** Killed as by power failure, and back with what it last saved. */
async function restart(): Promise<void> {
  await server.close()
  server = await startRedis([], place)
}

async function tokens({ artifacts }: OpenedRedis) {
  const grant = newId()
  const ids = { grant, code: `${ROUTES.ofGroup(grant)}${newId()}`, access: `skat_${ROUTES.ofGroup(grant)}${newId()}` }
  await artifacts.upsert('Grant', grant, { jti: grant, accountId: 'a', clientId: 'shop' }, 3600)
  await artifacts.upsert('AuthorizationCode', ids.code, { jti: ids.code, grantId: grant }, 600)
  await artifacts.upsert('AccessToken', ids.access, { jti: ids.access, grantId: grant }, 600)
  return ids
}

/** As soon as the client has found its way back. */
const eventually = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
  pollUntil(
    () =>
      ask().then(
        (answer) => ({ answer }),
        () => undefined,
      ),
    {
      complaint: 'Redis is back, and is not used',
    },
  ).then(({ answer }) => answer)

describe('attack 41: a Redis that goes back in time', () => {
  test('gives back no used code, no revoked token, no used ticket, and goes on by itself', async () => {
    const redis = await open()
    const ids = await tokens(redis)
    const ticket = new Uint8Array(randomBytes(32)) as Digest
    const content = {
      interactionId: newId(),
      clientId: 'shop',
      nonce: 'n'.repeat(43),
      context: '{}',
      relyingParty: { name: 'shop', origin: 'https://shop.example' },
      locale: 'ja',
      revocationPolicy: 'require-good',
    } as const
    const times = { now: clock, expiresAt: new Date(clock.getTime() + 120_000) }
    await redis.tickets.create(ticket, content, { expiresAt: times.expiresAt, maxPerInteraction: 10 })
    await redis.tickets.claim(ticket, times)
    await command(server.port, 'SAVE')

    expect(await redis.artifacts.consume('AuthorizationCode', ids.code)).toBe(true)
    await redis.artifacts.revokeByGrantId(ids.grant)
    expect(await redis.tickets.takeNonce(ticket, clock)).toEqual(content)
    await restart()
    expect(await command(server.port, 'DBSIZE')).toBeGreaterThan(3)

    expect(await eventually(() => redis.artifacts.consume('AuthorizationCode', ids.code))).toBe(false)
    expect(await redis.artifacts.find('AuthorizationCode', ids.code)).toBeUndefined()
    expect(await redis.artifacts.find('AccessToken', ids.access)).toBeUndefined()
    expect(await redis.artifacts.find('Grant', ids.grant)).toBeUndefined()
    expect(await redis.tickets.takeNonce(ticket, clock)).toBe('not-found')
    expect(superseded).toEqual([1])

    const after = await tokens(redis)
    expect(await redis.artifacts.consume('AuthorizationCode', after.code)).toBe(true)
  })

  test('a replica that lags behind and is promoted gives back nothing, whichever process asks first', async () => {
    const [first, other] = [await open(), await open()]
    const ids = await tokens(first)
    await using replica = await startRedis(['--replicaof', '127.0.0.1', String(server.port)])
    await pollUntil(async () => Number(await command(replica.port, 'DBSIZE')) > 3)
    await command(replica.port, 'REPLICAOF', 'NO', 'ONE')
    expect(await other.artifacts.consume('AuthorizationCode', ids.code)).toBe(true)

    const failedOver = await open(replica.url)
    expect(await failedOver.artifacts.consume('AuthorizationCode', ids.code)).toBe(false)
    expect(await failedOver.artifacts.find('AccessToken', ids.access)).toBeUndefined()
    expect(superseded).toEqual([1])
  })

  test('the master that it replaced, should it come back, is a new one too', async () => {
    const old = await open()
    const ids = await tokens(old)
    await using replica = await startRedis(['--replicaof', '127.0.0.1', String(server.port)])
    await pollUntil(async () => Number(await command(replica.port, 'DBSIZE')) > 3)
    await command(replica.port, 'REPLICAOF', 'NO', 'ONE')
    await open(replica.url)

    const back = await open()
    expect(await back.artifacts.find('AccessToken', ids.access)).toBeUndefined()
    expect(superseded).toEqual([1, 1])
    const { rows } = await database.query('SELECT 1 FROM redis_incarnations WHERE superseded_at IS NULL')
    expect(rows).toHaveLength(1)
  })

  test('attack 41: a replica, whatever led us to it, gives nothing: it may not have heard what was revoked', async () => {
    const way = { host: '127.0.0.1', port: server.port }
    const cable = await createCutOff(way)
    try {
      const redis = await open(`redis://127.0.0.1:${cable.port}`)
      const ids = await tokens(redis)
      await using replica = await startRedis(['--replicaof', '127.0.0.1', String(server.port)])
      await pollUntil(async () => Number(await command(replica.port, 'DBSIZE')) > 3)
      // the first replica gave its master another id; seen, and believed, before the way changes
      expect(await redis.artifacts.find('AccessToken', ids.access)).toBeDefined()
      way.port = replica.port
      cable.cut()
      cable.mend()
      await pollUntil(() => redis.client.ping().catch(() => undefined))
      await expect(redis.artifacts.find('AccessToken', ids.access)).rejects.toMatchObject(UNAVAILABLE)
    } finally {
      await cable.close()
    }
  })

  test('a restart without anything saved loses what was there, and nothing else', async () => {
    const redis = await open()
    const ids = await tokens(redis)
    await restart()
    expect(await eventually(() => redis.artifacts.find('AccessToken', ids.access))).toBeUndefined()
    const after = await tokens(redis)
    expect(await redis.artifacts.find('AccessToken', after.access)).toBeDefined()
  })
})

describe('attacks 7, 9, 41: proofs that were used', () => {
  const seconds = (from: Date, plus = 0): number => Math.floor(from.getTime() / 1000) + plus
  const use = ({ artifacts }: OpenedRedis, id: string, madeAt: number): Promise<boolean> =>
    artifacts.rememberProof(id, { jti: id }, 300, madeAt)

  test.each([
    ['a restart', restart],
    ['FLUSHALL', () => command(server.port, 'FLUSHALL')],
  ])('are used no second time after %s, and fresh ones are accepted half a minute later', async (_name, lose) => {
    const redis = await open()
    const used = newId()
    expect(await use(redis, used, seconds(clock))).toBe(true)
    expect(await use(redis, used, seconds(clock))).toBe(false)
    clock = new Date(START.getTime() + 5000)
    await lose()
    expect(await eventually(() => use(redis, used, seconds(START)))).toBe(false)
    clock = new Date(START.getTime() + 45_000)
    expect(await use(redis, used, seconds(START))).toBe(false)
    // in the bucket of the first, so that it is the same memory
    expect(await use(redis, used, seconds(clock))).toBe(true)
  })

  test('of before there was a Redis are refused too: PostgreSQL remembered those', async () => {
    const used = newId()
    const inDatabase = createOidcArtifactStore({ database, now: () => clock })
    expect(await inDatabase.rememberProof(used, { jti: used }, 300, seconds(clock))).toBe(true)
    try {
      const redis = await open()
      expect(await use(redis, used, seconds(START))).toBe(false)
      clock = new Date(START.getTime() + 45_000)
      expect(await use(redis, used, seconds(clock))).toBe(true)
    } finally {
      await inDatabase.destroy('ReplayDetection', used)
    }
  })

  test('a server that joined the others forgets nothing', async () => {
    const redis = await open()
    expect(await use(redis, newId(), seconds(clock))).toBe(true)
    expect(superseded).toEqual([])
  })
})

describe('attack 41: a Redis that does not answer', () => {
  test('refuses everything at once, and goes on by itself', async () => {
    const redis = await open()
    const ids = await tokens(redis)
    expect(await redis.health()).toEqual({ state: 'ok' })
    process.kill(server.pid, 'SIGSTOP')
    await expect(redis.artifacts.find('AccessToken', ids.access)).rejects.toMatchObject(UNAVAILABLE)
    expect(await redis.health()).toEqual({ state: 'unavailable', fault: 'unreachable' })
    process.kill(server.pid, 'SIGCONT')
    expect(await eventually(() => redis.artifacts.find('AccessToken', ids.access))).toBeDefined()

    await server.close()
    await expect(redis.artifacts.consume('AuthorizationCode', ids.code)).rejects.toMatchObject(UNAVAILABLE)
    server = await startRedis([], place)
    expect(await eventually(() => redis.artifacts.consume('AuthorizationCode', ids.code))).toBe(false)
    expect(await redis.health()).toEqual({ state: 'ok' })
  })

  test('is full: what it cannot keep is refused', async () => {
    const redis = await open()
    await command(server.port, 'CONFIG', 'SET', 'maxmemory', '1')
    await expect(tokens(redis)).rejects.toMatchObject(UNAVAILABLE)
    await command(server.port, 'CONFIG', 'SET', 'maxmemory', '0')
    await expect(tokens(redis)).resolves.toBeDefined()
  })

  test('is not there at the start', async () => {
    await expect(open(`redis://127.0.0.1:${await freePort()}`)).rejects.toMatchObject(UNAVAILABLE)
  })

  test('wants a password: the refusal does not repeat ours', async () => {
    await command(server.port, 'CONFIG', 'SET', 'requirepass', 'right password')
    const refused = await open(`redis://:wrong%20password@127.0.0.1:${server.port}`).catch((fault: unknown) => fault)
    expect(refused).toMatchObject(UNAVAILABLE)
    expect(JSON.stringify([refused, String(refused), (refused as Error).cause])).not.toContain('wrong password')
    await expect(open(`redis://:right%20password@127.0.0.1:${server.port}`)).resolves.toBeDefined()
  })
})

test.each(['allkeys-lru', 'volatile-ttl'])(
  'attack 41: %s throws away what still counts, and is refused',
  async (policy) => {
    await command(server.port, 'CONFIG', 'SET', 'maxmemory', '100mb')
    const redis = await open()
    await command(server.port, 'CONFIG', 'SET', 'maxmemory-policy', policy)
    expect(await redis.health()).toEqual({ state: 'unavailable', fault: 'evicting' })
    await expect(open()).rejects.toMatchObject({ code: 'SERVER_REDIS_EVICTS' })
  },
)
