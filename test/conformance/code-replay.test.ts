import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { freePort } from '../support/free-port.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl, basic, get, responseIn, VERIFIER } from '../support/raw-openid.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { serveSekisho } from '../support/run-sekisho.ts'

/** attacks.md asks for 200; `npm run test:code-replay` does them. */
const ROUNDS = Number(process.env['CODE_REPLAY_ROUNDS'] ?? 3)
const EXCHANGES = 50

describe.each(['PostgreSQL', 'Redis'])('codes in %s', (store) => {
  let redis: TestRedis | undefined
  let system: ConformanceSystem
  let other: Awaited<ReturnType<typeof serveSekisho>>
  let person: PersonWithCard

  beforeAll(async () => {
    redis = store === 'Redis' ? await startRedis() : undefined
    system = await startConformanceSystem(redis === undefined ? {} : { REDIS_URL: redis.url })
    // as behind a balancer
    other = await serveSekisho({ ...system.environment, PORT: String(await freePort()), TRUST_PROXY: '1' })
    await system.register({ clientId: 'site', grantTypes: ['authorization_code', 'refresh_token'] })
    person = system.person()
    await person.authorize(authorizationUrl(system.issuer))
  }, 60_000)
  afterAll(async () => {
    await other.stop()
    await system.close()
    await redis?.close()
  })

  test(
    `attack 3: of ${EXCHANGES} exchanges at once, at two processes, exactly 1 succeeds, and its tokens end; ${ROUNDS} times`,
    async () => {
      const outcomes = new Map<string, number>()
      for (let round = 0; round < ROUNDS; round++) {
        const code = responseIn(await person.authorize(authorizationUrl(system.issuer)))['code'] ?? ''
        const parameters = {
          grant_type: 'authorization_code',
          code,
          redirect_uri: CALLBACK,
          code_verifier: VERIFIER,
        }
        const answers = await Promise.all(
          Array.from({ length: EXCHANGES }, (_none, index) =>
            exchange(index % 2 === 0 ? system.issuer : other.url, parameters),
          ),
        )
        const won = answers.filter(({ status }) => status === 200)
        const lost = answers.filter(({ status, body }) => status === 400 && body['error'] === 'invalid_grant')
        // RFC 6749 §4.1.2: nobody can tell who was the rightful one
        const token = String(won[0]?.body['access_token'])
        const { status } = await get(`${system.issuer}/me`, { authorization: `Bearer ${token}` })
        const outcome = `${won.length} won, ${lost.length} lost, then ${status}`
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
      expect([...outcomes]).toEqual([[`1 won, ${EXCHANGES - 1} lost, then 401`, ROUNDS]])
    },
    30_000 + ROUNDS * 3000,
  )
})

interface Answer {
  readonly status: number | undefined
  readonly body: Readonly<Record<string, unknown>>
}

/** On a connection of its own: one that is kept may be closed in the moment in which it is used again, and then nobody knows what was done. */
function exchange(url: string, parameters: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...basic('site'), 'content-type': 'application/x-www-form-urlencoded' }
    const sent = request(`${url}/token`, { method: 'POST', agent: false, headers }, (response) => {
      json(response).then((body) => {
        resolve({ status: response.statusCode, body: body as Answer['body'] })
      }, reject)
    })
    sent.on('error', reject)
    sent.end(new URLSearchParams(parameters).toString())
  })
}
