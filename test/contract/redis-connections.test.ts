import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import type { RedisLocation } from '../../src/storage/redis/redis-location.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'
import { locationOf, ROUTES } from '../support/places.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startRedis } from '../support/redis.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

/** The ways to a Redis that the contracts do not take. */
let made: TestDatabase
let directory: TempDirectory

beforeAll(async () => {
  made = await createMigratedDatabase(DATABASES[0].createDatabase)
  directory = createTempDirectory('redis-connections')
})
afterAll(async () => {
  await made.remove()
  await directory.remove()
})

const open = (location: RedisLocation): Promise<OpenedRedis> =>
  openRedis({
    location,
    database: made.database,
    routes: ROUTES,
    now: () => new Date(),
    onSuperseded: () => undefined,
  })

async function works(redis: OpenedRedis): Promise<boolean> {
  await redis.artifacts.upsert('Interaction', 'some id', { jti: 'some id', prompt: 'login' }, 60)
  return (await redis.artifacts.find('Interaction', 'some id'))?.['prompt'] === 'login'
}

test('TLS: only with the authority that signed, and encrypted', async () => {
  const [key, certificate] = [join(directory.path, 'key.pem'), join(directory.path, 'certificate.pem')]
  const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject],
    { stdio: 'ignore' },
  )
  const port = await freePort()
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
  await using server = await startRedis(['--tls-port', String(port), '--tls-auth-clients', 'no', ...files])
  expect(server.port).not.toBe(port)

  const location = locationOf(`rediss://127.0.0.1:${port}`)
  await expect(open(location)).rejects.toMatchObject({ code: 'SERVER_STORAGE_UNAVAILABLE' })
  await expect(open(locationOf(`redis://127.0.0.1:${port}`))).rejects.toMatchObject({
    code: 'SERVER_STORAGE_UNAVAILABLE',
  })
  const redis = await open({ ...location, tls: { ca: readFileSync(certificate, 'utf8') } })
  expect(await works(redis)).toBe(true)
  await redis.close()
})

test('Sentinel: the master that it names, with a password for each of both', async () => {
  await using master = await startRedis(['--requirepass', 'of the master'])
  const port = await freePort()
  const file = join(directory.path, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory.path}`,
    'requirepass "of the sentinel"',
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel auth-pass main "of the master"',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  try {
    await pollUntil(async () => {
      const asked = new Redis(port, '127.0.0.1', {
        password: 'of the sentinel',
        lazyConnect: true,
        retryStrategy: null,
      })
      asked.on('error', () => undefined)
      const known = await asked.call('SENTINEL', 'get-master-addr-by-name', 'main').catch(() => undefined)
      asked.disconnect()
      return known !== undefined
    })
    const location = locationOf(`redis+sentinel://:of%20the%20master@127.0.0.1:${port}/main`)
    const redis = await open({ ...location, sentinelPassword: 'of the sentinel' })
    expect(await works(redis)).toBe(true)
    expect(await redis.health()).toEqual({ state: 'ok' })
    await redis.close()
  } finally {
    const ended = once(sentinel, 'exit')
    sentinel.kill('SIGKILL')
    await ended
  }
})
