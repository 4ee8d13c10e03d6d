import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/storage/database.ts'
import { createRecoveryStore, endEverythingShortLived } from '../../src/storage/lineage/recovery-store.ts'
import { createOidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import { claimPlace, readPlace } from '../../src/storage/short-lived/claim-place.ts'
import { movePlace } from '../../src/storage/short-lived/move-place.ts'
import { refuseElsewhere } from '../../src/storage/short-lived/refuse-elsewhere.ts'
import { Refusal } from '../../src/error-registry/refusal.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { locationOf, ROUTES } from '../support/places.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'

const START = new Date('2026-11-22T03:00:00Z')
const ELSEWHERE = { code: 'SERVER_SHORT_LIVED_ELSEWHERE' }
const after = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)

describe.each(DATABASES)('one place of what is short-lived, on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let database: Database

  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    database = made.database
  })
  afterAll(() => made.remove())
  beforeEach(async () => {
    await database.query('DELETE FROM short_lived_place')
    await database.query('DELETE FROM oidc_artifacts')
    await database.query('DELETE FROM redis_incarnations')
  })

  test('attack 41: a server at another place than the first one is refused, and told what to do', async () => {
    await claimPlace(database, 'redis', START)
    await claimPlace(database, 'redis', START)
    await expect(claimPlace(database, 'database', START)).rejects.toMatchObject(ELSEWHERE)
    await expect(claimPlace(database, 'database', START)).rejects.toThrow(/REDIS_URL.*sekisho short-lived move/)
    expect(await readPlace(database)).toBe('redis')
  })

  test('of 20 servers that start together at two places, those at one place start', async () => {
    const places = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'redis' : 'database'))
    const started = await Promise.allSettled(places.map((place) => claimPlace(database, place, START)))
    const winners = new Set(places.filter((_, index) => started[index]?.status === 'fulfilled'))
    expect([...winners]).toEqual([await readPlace(database)])
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  })

  test('attacks 7, 41: a move ends everything, and no proof of before it is good at the new place', async () => {
    const artifacts = createOidcArtifactStore({ database, now: () => after(1) })
    await claimPlace(database, 'redis', START)
    await artifacts.upsert('RefreshToken', 'forgotten while there was a Redis', { grantId: undefined }, 86_400)
    await database.query(
      `INSERT INTO redis_incarnations (replication_id, run_id, registered_at, seen_at) VALUES ('r', 'r', now(), now())`,
    )
    expect(await database.transaction((transaction) => movePlace(transaction, 'database', START))).toBe(1)
    await claimPlace(database, 'database', START)
    expect(await artifacts.find('RefreshToken', 'forgotten while there was a Redis')).toBeUndefined()
    const { rows } = await database.query('SELECT 1 FROM redis_incarnations WHERE superseded_at IS NULL')
    expect(rows).toEqual([])

    const use = (madeAt: Date, now = after(1)): Promise<boolean> =>
      createOidcArtifactStore({ database, now: () => now }).rememberProof('p', {}, 300, madeAt.getTime() / 1000)
    expect(await use(after(-1))).toBe(false)
    // it may say that it is from the future: half a minute, and no more
    expect(await use(after(29))).toBe(false)
    expect(await use(new Date(0))).toBe(false)
    expect(await use(after(31), after(40))).toBe(true)
    expect(await use(after(31), after(40))).toBe(false)
    // two hours later no proof of then is good any more, and one that does not say when it was made is taken again
    expect(await use(new Date(0), after(3 * 3600))).toBe(true)
  })

  test('attack 43: proofs of before a backup was restored are refused too', async () => {
    await claimPlace(database, 'database', START)
    const artifacts = createOidcArtifactStore({ database, now: () => after(40) })
    expect(await artifacts.rememberProof('one', {}, 300, after(0).getTime() / 1000)).toBe(true)
    await createRecoveryStore(database).accept(START, (transaction) => endEverythingShortLived(transaction, START))
    expect(await artifacts.rememberProof('one', {}, 300, after(0).getTime() / 1000)).toBe(false)
    expect(await artifacts.rememberProof('two', {}, 300, after(35).getTime() / 1000)).toBe(true)
  })
})

test('a store at the wrong place does nothing, until it is the right one', async () => {
  let refused: Refusal | undefined = new Refusal('SERVER_SHORT_LIVED_ELSEWHERE')
  let asked = 0
  const store = refuseElsewhere({ take: (by: number) => Promise.resolve((asked += by)) }, () => refused)
  await expect(store.take(1)).rejects.toMatchObject(ELSEWHERE)
  expect(asked).toBe(0)
  refused = undefined
  expect(await store.take(2)).toBe(2)
})

describe('attack 41: two servers of one database, each with a Redis of its own', () => {
  let made: TestDatabase
  const servers: TestRedis[] = []
  const opened: OpenedRedis[] = []
  const told: string[] = []

  beforeAll(async () => {
    made = await createMigratedDatabase(DATABASES[0].createDatabase)
  })
  beforeEach(async () => {
    await made.database.query('DELETE FROM redis_incarnations')
    told.length = 0
    servers.push(await startRedis(), await startRedis())
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
    for (const server of servers.splice(0)) await server.close()
  })
  afterAll(() => made.remove())

  const open = async (server: TestRedis | undefined): Promise<OpenedRedis> => {
    const redis = await openRedis({
      location: locationOf(server?.url ?? ''),
      database: made.database,
      routes: ROUTES,
      now: () => new Date(),
      onSuperseded: () => undefined,
      onElsewhere: ({ code }) => told.push(code),
      lookMs: 100,
    })
    opened.push(redis)
    return redis
  }
  const works = async ({ artifacts }: OpenedRedis): Promise<boolean> => {
    const jti = `${ROUTES.ofGroup('one')}one`
    await artifacts.upsert('Interaction', jti, { jti }, 60)
    return (await artifacts.find('Interaction', jti)) !== undefined
  }

  test('the second is refused at its start, and the first goes on', async () => {
    const first = await open(servers[0])
    expect(await works(first)).toBe(true)
    await expect(open(servers[1])).rejects.toMatchObject(ELSEWHERE)
    expect(await works(first)).toBe(true)
    expect(await first.health()).toEqual({ state: 'ok' })
  })

  test('once nobody is at the first any more, the second is taken for its successor', async () => {
    const first = await open(servers[0])
    await first.close()
    expect(await works(await open(servers[1]))).toBe(true)
  })

  test('who is superseded by another one while its own is still there refuses, says so, and does not fight', async () => {
    const first = await open(servers[0])
    expect(await works(first)).toBe(true)
    // as on the lost side of a partition
    await made.database.query('UPDATE redis_incarnations SET superseded_at = now()')
    await made.database.query(
      `INSERT INTO redis_incarnations (replication_id, run_id, registered_at, seen_at)
       VALUES ('another', 'another', now(), now() + interval '1 minute')`,
    )
    await pollUntil(async () => (await first.health()).state === 'unavailable', { complaint: 'it did not notice' })
    expect(await first.health()).toEqual({ state: 'unavailable', fault: 'elsewhere' })
    await expect(works(first)).rejects.toMatchObject(ELSEWHERE)
    await pollUntil(() => Promise.resolve(told.length > 0))
    expect(told).toEqual(['SERVER_SHORT_LIVED_ELSEWHERE'])

    // and when nobody sees the other one any more it goes on, with nothing of before
    await made.database.query(`UPDATE redis_incarnations SET seen_at = now() - interval '1 minute'`)
    await pollUntil(async () => (await first.health()).state === 'ok', { complaint: 'it did not go on' })
    expect(await first.artifacts.find('Interaction', `${ROUTES.ofGroup('one')}one`)).toBeUndefined()
    expect(await works(first)).toBe(true)
  })
})
