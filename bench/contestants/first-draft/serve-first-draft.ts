/** `node serve-first-draft.ts`: what one would write first: oidc-provider mounted in express, pkijs in the interaction. */
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import express from 'express'
import { Redis } from 'ioredis'
import type { JWKS } from 'oidc-provider'
import { announceReady } from '../../process/announce-ready.ts'
import { createStockProvider } from '../stock/create-stock-provider.ts'
import { finishAs } from '../stock/finish-with-stub.ts'
import { createPlainRedisAdapter } from '../stock/redis-adapter.ts'
import { createPkijsJudge } from './judge-with-pkijs.ts'

const { PORT = '0', REDIS_PORT = '', JWKS_FILE = '', ANCHORS = '', OCSP_URL = '' } = process.env
const NONCE_SECONDS = 300
const redis = new Redis(Number(REDIS_PORT), '127.0.0.1')
const provider = createStockProvider({
  issuer: `http://localhost:${PORT}`,
  adapter: createPlainRedisAdapter(redis),
  algorithm: 'RS256',
  jwks: JSON.parse(readFileSync(JWKS_FILE, 'utf8')) as JWKS,
})
const authorities = readdirSync(ANCHORS).map((name) => new X509Certificate(readFileSync(join(ANCHORS, name))).raw)
const judge = createPkijsJudge(authorities, () => new Date())

async function askOcsp(request: Uint8Array): Promise<Uint8Array> {
  const response = await fetch(OCSP_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request' },
    body: Buffer.from(request),
  })
  return new Uint8Array(await response.arrayBuffer())
}

const app = express()
app.get('/interaction/:uid', async (req, res) => {
  const { uid } = await provider.interactionDetails(req, res)
  const nonce = randomBytes(32).toString('base64url')
  await redis.set(`nonce:${uid}`, nonce, 'EX', NONCE_SECONDS)
  res.json({ nonce })
})
app.post('/interaction/:uid', express.urlencoded({ extended: false }), async (req, res) => {
  const { uid, params } = await provider.interactionDetails(req, res)
  const nonce = await redis.getdel(`nonce:${uid}`)
  if (nonce === null) throw new Error('no nonce')
  const { certificate, signature } = req.body as Readonly<Record<string, string>>
  const serial = await judge.judge(
    {
      certificateDer: Buffer.from(certificate ?? '', 'base64'),
      signed: new Uint8Array(Buffer.from(nonce, 'base64url')),
      signature: new Uint8Array(Buffer.from(signature ?? '', 'base64')),
    },
    askOcsp,
  )
  await finishAs(provider, req, res, { accountId: serial, scope: String(params['scope']) })
})
app.use(provider.callback())
app.use((fault: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
  res.status(500).send(String(fault))
})
announceReady(createServer(app), Number(PORT))
