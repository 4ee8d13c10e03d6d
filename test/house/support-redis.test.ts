import { existsSync } from 'node:fs'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { freePorts } from '../support/free-port.ts'
import { startRedis } from '../support/redis.ts'

test('a private Redis answers, is empty, and is gone afterwards', async () => {
  const redis = await startRedis()
  const client = new Redis(redis.url)
  try {
    expect(await client.dbsize()).toBe(0)
    expect(await client.set('key', 'value')).toBe('OK')
    const [, directory] = await client.config('GET', 'dir')
    expect(directory).toMatch(/sekisho-redis-/)
    client.disconnect()
    await redis.close()
    expect(existsSync(directory ?? '')).toBe(false)
    expect(existsSync(`/proc/${String(redis.pid)}`)).toBe(false)
  } finally {
    client.disconnect()
    await redis.close()
  }
})

test('two at once do not meet', async () => {
  await using first = await startRedis()
  await using second = await startRedis()
  expect(first.port).not.toBe(second.port)
})

test('one that cannot start says why', async () => {
  await expect(startRedis(['--maxmemory', 'plenty'])).rejects.toThrow(/maxmemory/)
})

test('free ports are all different', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20)
})
