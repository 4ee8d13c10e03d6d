import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, responseIn } from '../support/raw-openid.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'

/** A Redis that can be read and takes nothing more: what a request would have written is not there, so nothing of it is told. */
let redis: TestRedis
let client: Redis
let system: ConformanceSystem
let person: PersonWithCard

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.port, '127.0.0.1')
  system = await startConformanceSystem({ REDIS_URL: redis.url })
  await system.register({ clientId: 'site' })
  person = system.person()
  await person.authorize(authorizationUrl(system.issuer))
})
afterAll(async () => {
  await client.config('SET', 'maxmemory', '0')
  client.disconnect()
  await system.close()
  await redis.close()
})

test('attack 41: no code and no cookie leaves before what they stand for was written', async () => {
  const silently = authorizationUrl(system.issuer, { prompt: 'none' })
  await client.config('SET', 'maxmemory', '1')
  const page = await person.browser.open(silently)
  expect([page.status, page.url.origin, responseIn(page.url)['code']]).toEqual([503, system.issuer, undefined])
  await client.config('SET', 'maxmemory', '0')
  // the session that was there is there, and its cookie leads to it
  expect(responseIn(await person.authorize(silently))).toHaveProperty('code')
  expect(person.taps).toBe(1)
})

test('attack 41: nor is a person sent to a sign-in that was not written down', async () => {
  await client.config('SET', 'maxmemory', '1')
  const stranger = system.person('hanako')
  const page = await stranger.browser.open(authorizationUrl(system.issuer))
  expect([page.status, page.url.pathname]).toEqual([503, '/auth'])
  await client.config('SET', 'maxmemory', '0')
})
