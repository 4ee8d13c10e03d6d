/** `node serve-floor.ts`: what stock reads from Redis for an introspection, with nothing but `node:http` around it. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { announceReady } from '../../process/announce-ready.ts'

const { PORT = '0', REDIS_PORT = '' } = process.env
const redis = new Redis(Number(REDIS_PORT), '127.0.0.1')

async function introspect(token: string): Promise<string> {
  const [found] = await Promise.all([
    redis.get(`oidc:AccessToken:${token}`),
    redis.get(`oidc:ClientCredentials:${token}`),
    redis.hgetall(`oidc:RefreshToken:${token}`),
  ])
  const held = JSON.parse(found ?? '{}') as Readonly<Record<string, unknown>>
  const session = await redis.get(`uid:${String(held['sessionUid'])}`)
  await redis.get(`oidc:Session:${session}`)
  await redis.get(`oidc:Grant:${String(held['grantId'])}`)
  return JSON.stringify({ active: found !== null, ...held })
}

const server = createServer((req, res) => {
  if (req.method === 'GET') {
    res.end()
    return
  }
  void (async () => {
    const answer = await introspect(new URLSearchParams(await text(req)).get('token') ?? '')
    res.setHeader('content-type', 'application/json')
    res.end(answer)
  })()
})
announceReady(server, Number(PORT))
