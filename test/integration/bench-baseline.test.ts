import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStockProvider } from '../../bench/contestants/stock/create-stock-provider.ts'
import { finishWithStub } from '../../bench/contestants/stock/finish-with-stub.ts'
import { createPlainRedisAdapter } from '../../bench/contestants/stock/redis-adapter.ts'
import { introspect } from '../../bench/load/ask-token-endpoints.ts'
import { openConnection } from '../../bench/load/http-connection.ts'
import { finish, walkWithStub } from '../../bench/load/log-in.ts'
import { SECRET } from '../../bench/scene.ts'
import { createCommandReader } from '../../bench/wire/count-redis-commands.ts'
import { tapConnection, type Tap } from '../../bench/wire/tap-connection.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'

/** The baseline of `npm run bench` must not be slower than what people have: it does what the adapter that everybody copied did. */
let server: Server
let redis: TestRedis
let tap: Tap
let client: Redis
let origin: string

beforeAll(async () => {
  redis = await startRedis()
  tap = await tapConnection(redis.port, createCommandReader)
  client = new Redis(tap.port, '127.0.0.1')
  await client.ping()
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const provider = createStockProvider({
    issuer: origin,
    adapter: createPlainRedisAdapter(client),
    algorithm: 'ES256',
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'a', use: 'sig', alg: 'ES256' }] },
  })
  const callback = provider.callback()
  server.on('request', (req, res) => {
    if (req.url?.startsWith('/interaction/') === true) void finishWithStub(provider, req, res)
    else void callback(req, res)
  })
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  client.disconnect()
  await tap.close()
  await redis.close()
})

test('the stock adapter waits and asks as often as it is known to: 20 and 49 for a log-in with a stub, 4 and 6 for an introspection', async () => {
  const connection = openConnection(origin)
  let token = ''
  const logIn = await tap.meter.during(async () => {
    token = (await finish(walkWithStub({ connection, origin, secret: SECRET }))).access
  })
  const introspection = await tap.meter.during(() => introspect(connection, SECRET, token))
  await connection.close()
  expect({
    logIn: [logIn.waits, logIn.commands.length],
    introspection: [introspection.waits, introspection.commands],
  }).toEqual({
    logIn: [20, 49],
    introspection: [4, ['get', 'get', 'hgetall', 'get', 'get', 'get']],
  })
})
