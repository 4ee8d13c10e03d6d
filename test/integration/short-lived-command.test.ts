import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { runSekisho, startSekisho, type Environment } from '../support/run-sekisho.ts'

let postgres: PostgresDatabase
let redis: TestRedis
let without: Environment
let withRedis: Environment

beforeAll(async () => {
  ;[postgres, redis] = await Promise.all([createPostgresDatabase(), startRedis()])
  const port = String(await freePort())
  without = {
    ISSUER: `http://localhost:${port}`,
    PORT: port,
    DATABASE_URL: postgres.databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    REVOCATION_SOURCES: 'none',
    DRAIN_SECONDS: '0',
  }
  withRedis = { ...without, REDIS_URL: redis.url }
})
afterAll(async () => {
  await redis.close()
  await postgres.drop()
})

test('attack 41: one server with Redis, one without: the second is refused; moving is one deliberate step', async () => {
  const first = startSekisho(without)
  await first.ready()
  const otherPort = String(await freePort())
  const other = { ...withRedis, PORT: otherPort, ISSUER: `http://localhost:${otherPort}` }
  const refused = await runSekisho(other, ['serve'])
  expect(refused.status).toBe(69)
  expect(refused.stderr).toContain('SERVER_SHORT_LIVED_ELSEWHERE')
  expect(refused.stderr).toContain('sekisho short-lived move')

  expect(await runSekisho(withRedis, ['short-lived', 'status'])).toMatchObject({
    status: 1,
    stdout: 'installation: database\nthis environment: redis\n',
  })
  const served = await runSekisho(withRedis, ['short-lived', 'move'])
  expect([served.status, served.stderr]).toEqual([65, expect.stringContaining('stop them first')])
  expect((await runSekisho(withRedis, ['doctor', '--json'])).stdout).toContain('"SHORT_LIVED_ELSEWHERE"')
  first.kill('SIGTERM')
  await first.ended

  const moved = await runSekisho(withRedis, ['short-lived', 'move', '--json'])
  expect(JSON.parse(moved.stdout)).toMatchObject({ from: 'database', to: 'redis' })
  const second = startSekisho(withRedis)
  await second.ready()
  expect((await runSekisho(without, ['serve'])).stderr).toContain('SERVER_SHORT_LIVED_ELSEWHERE')
  second.kill('SIGTERM')
  await second.ended

  const database = new pg.Client({ connectionString: postgres.databaseUrl })
  await database.connect()
  const { rows } = await database.query(
    `SELECT actor, details->>'to' AS "to" FROM audit_events WHERE type = 'short_lived.moved'`,
  )
  await database.end()
  expect(rows).toEqual([{ actor: 'operator', to: 'redis' }])
})
