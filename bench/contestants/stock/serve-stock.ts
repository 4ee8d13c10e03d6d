/** `node serve-stock.ts`: stock oidc-provider in a process of its own. PORT, REDIS_PORT and ALGORITHM are in the environment. */
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import type { JWKS } from 'oidc-provider'
import { announceReady } from '../../process/announce-ready.ts'
import { createStockProvider, type SigningAlgorithm } from './create-stock-provider.ts'
import { finishWithStub } from './finish-with-stub.ts'
import { createPlainRedisAdapter } from './redis-adapter.ts'

const { PORT = '0', REDIS_PORT = '', ALGORITHM = 'ES256', JWKS_FILE = '' } = process.env
const redis = new Redis(Number(REDIS_PORT), '127.0.0.1')
const provider = createStockProvider({
  issuer: `http://localhost:${PORT}`,
  adapter: createPlainRedisAdapter(redis),
  algorithm: ALGORITHM as SigningAlgorithm,
  jwks: JSON.parse(readFileSync(JWKS_FILE, 'utf8')) as JWKS,
})
const callback = provider.callback()
const server = createServer((req, res) => {
  if (req.url?.startsWith('/interaction/') !== true) {
    void callback(req, res)
    return
  }
  finishWithStub(provider, req, res).catch((fault: unknown) => {
    console.error(fault)
    res.writeHead(500).end()
  })
})
announceReady(server, Number(PORT))
