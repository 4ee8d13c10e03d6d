import { hash, randomBytes } from 'node:crypto'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RateLimited } from '../../src/error-registry/rate-limited.ts'
import type { RateLimitKind, RateLimits } from '../../src/sign-in/rate-limits.ts'
import { deleteExpiredCounts } from '../../src/storage/rate-limits/create-rate-limits.ts'
import type { RateLimitSizes } from '../../src/storage/rate-limits/rate-limit-sizes.ts'
import { PLACES, type TestPlace } from '../support/places.ts'
import { startRedis } from '../support/redis.ts'
import { openRedis } from '../../src/storage/redis/open-redis.ts'
import { createRedisRateLimits } from '../../src/storage/rate-limits/create-rate-limits.ts'
import { locationOf, ROUTES } from '../support/places.ts'

const POINTS = 5
const SECONDS = 60
const size = { points: POINTS, seconds: SECONDS }
const sizes: RateLimitSizes = { address: size, ceremony: size, client: size, card: { ...size, seconds: 3600 } }
const PARALLEL = 50
const newKey = (): string => randomBytes(16).toString('hex')

/** How often it was let through. */
async function countAll(limits: readonly RateLimits[], kind: RateLimitKind, key: string, times: number) {
  const answers = await Promise.all(
    Array.from({ length: times }, async (_, index) => {
      try {
        await limits[index % limits.length]?.count(kind, key)
        return 'counted' as const
      } catch (fault) {
        return fault
      }
    }),
  )
  const refusals = answers.filter((answer) => answer !== 'counted')
  expect(refusals.every((refusal) => refusal instanceof RateLimited)).toBe(true)
  return { counted: answers.length - refusals.length, refusals: refusals as readonly RateLimited[] }
}

describe.each(PLACES)('rate limits in $name', ({ name, openPlace }) => {
  let place: TestPlace
  beforeAll(async () => {
    place = await openPlace(() => new Date())
  })
  afterAll(() => place.remove())

  test.each([
    ['address', 'SIGNIN_RATE_LIMITED', SECONDS],
    ['ceremony', 'SIGNIN_RATE_LIMITED', SECONDS],
    ['client', 'SIGNIN_RATE_LIMITED', SECONDS],
    ['card', 'SIGNIN_CARD_USED_TOO_OFTEN', 3600],
  ] as const)(
    `of ${PARALLEL} at once for one %s exactly ${POINTS} are let through: %s`,
    async (kind, code, seconds) => {
      const { counted, refusals } = await countAll([place.limits(sizes)], kind, newKey(), PARALLEL)
      expect(counted).toBe(POINTS)
      for (const refusal of refusals) {
        expect(refusal.code).toBe(code)
        expect(refusal.retryAfterSeconds).toBeGreaterThan(seconds - 30)
        expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(seconds)
      }
    },
  )

  test('one key takes nothing from another, nor one kind from another', async () => {
    const limits = place.limits(sizes)
    const key = newKey()
    await countAll([limits], 'client', key, PARALLEL)
    expect((await countAll([limits], 'client', newKey(), 1)).counted).toBe(1)
    expect((await countAll([limits], 'address', key, 1)).counted).toBe(1)
  })

  test('attack 18: who is over and names ever new ceremonies makes no new counts', async () => {
    const limits = place.limits(sizes)
    const [address, ceremony] = [newKey(), newKey()]
    await countAll([limits], 'address', address, POINTS + 1)
    for (let time = 0; time <= POINTS; time++) {
      await expect(
        limits.countAll([
          ['address', address],
          ['ceremony', ceremony],
        ]),
      ).rejects.toThrow(/address/)
    }
    // untouched by what the flood said about it
    expect((await countAll([limits], 'ceremony', ceremony, PARALLEL)).counted).toBe(POINTS)
  })

  test('cards are counted over all processes', async () => {
    const processes = [place.limits(sizes), place.limits(sizes)]
    expect((await countAll(processes, 'card', newKey(), PARALLEL)).counted).toBe(POINTS)
  })

  test(`addresses are counted ${name.startsWith('Redis') ? 'over all processes' : 'by each process'}`, async () => {
    const processes = [place.limits(sizes), place.limits(sizes)]
    const expected = name.startsWith('Redis') ? POINTS : 2 * POINTS
    expect((await countAll(processes, 'address', newKey(), PARALLEL)).counted).toBe(expected)
  })

  test('no address and no card is written down', async () => {
    const limits = place.limits(sizes)
    await limits.count('address', 'agent 192.0.2.77')
    await limits.count('card', 'handle of a card')
    const { rows } = await place.database.query('SELECT * FROM rate_limits')
    expect(`${await place.dump()}${JSON.stringify(rows)}`).not.toMatch(/192\.0\.2\.77|handle of a card/)
  })
})

describe.each(PLACES.slice(0, 2))('counts that are over in $name', ({ openPlace }) => {
  test('are removed, so many at once; an hour is not over before its end', async () => {
    const place = await openPlace(() => new Date())
    try {
      const limits = place.limits(sizes)
      for (let count = 0; count < 3; count++) await limits.count('card', newKey())
      expect(await deleteExpiredCounts(place.database, new Date(), 10)).toBe(0)
      const later = new Date(Date.now() + 3601_000)
      expect(await deleteExpiredCounts(place.database, later, 2)).toBe(2)
      expect(await deleteExpiredCounts(place.database, later, 2)).toBe(1)
    } finally {
      await place.remove()
    }
  })
})

test('while Redis is gone each process goes on counting by itself', async () => {
  const place = await PLACES[0].openPlace(() => new Date())
  const server = await startRedis()
  const { run, close } = await openRedis({
    location: locationOf(server.url),
    database: place.database,
    routes: ROUTES,
    now: () => new Date(),
    onSuperseded: () => undefined,
  }).then((redis) => ({ run: redis.run, close: () => redis.close() }))
  try {
    const limits = createRedisRateLimits(run, sizes)
    await limits.count('address', 'before')
    await server.close()
    expect((await countAll([limits], 'address', newKey(), PARALLEL)).counted).toBe(POINTS)
  } finally {
    await close()
    await server.close()
    await place.remove()
  }
})

test('servers of the release before, which count by the library, and ours have one count', async () => {
  const place = await PLACES[0].openPlace(() => new Date())
  const server = await startRedis()
  const redis = await openRedis({
    location: locationOf(server.url),
    database: place.database,
    routes: ROUTES,
    now: () => new Date(),
    onSuperseded: () => undefined,
  })
  try {
    const library = new RateLimiterRedis({
      points: POINTS,
      duration: SECONDS,
      storeClient: redis.client,
      keyPrefix: 'sekisho:limit:address',
    })
    const byLibrary = (key: string): Promise<boolean> =>
      library.consume(hash('sha256', key, 'base64url').slice(0, 22)).then(
        () => true,
        () => false,
      )
    const byUs = async (key: string): Promise<boolean> => {
      // another process each time: none that remembers whom it refused
      const limits = createRedisRateLimits(redis.run, sizes)
      return (await countAll([limits], 'address', key, 1)).counted === 1
    }
    for (const turn of [0, 1]) {
      const key = newKey()
      const answers: boolean[] = []
      for (let time = 0; time < POINTS + 4; time++) {
        answers.push(await ((time + turn) % 2 === 0 ? byLibrary : byUs)(key))
      }
      expect(answers).toEqual(answers.map((_, time) => time < POINTS))
    }
    // from the first one on, whoever that was
    const lives = await Promise.all((await redis.client.keys('sekisho:limit:*')).map((key) => redis.client.pttl(key)))
    expect(lives).toHaveLength(2)
    for (const life of lives) expect(life).toBeGreaterThan(0)
    for (const life of lives) expect(life).toBeLessThanOrEqual(SECONDS * 1000)
  } finally {
    await redis.close()
    await server.close()
    await place.remove()
  }
})
