import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite } from '../support/openid-site.ts'
import { authorizationUrl } from '../support/raw-openid.ts'
import { startRedis } from '../support/redis.ts'

/** Attack 14: a log-out while the same browser uses its session in other windows. oidc-provider saves what it has in memory. */
const ROUNDS = Number(process.env['SEKISHO_RACE_ROUNDS'] ?? 4)
const WINDOWS = 6

describe.each([
  ['PostgreSQL', undefined],
  ['Redis', startRedis],
] as const)('on %s', (_name, start) => {
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined
  let system: ConformanceSystem

  beforeAll(async () => {
    redis = await start?.()
    system = await startConformanceSystem(redis === undefined ? {} : { REDIS_URL: redis.url })
    await system.register({ clientId: 'site' })
  })
  afterAll(async () => {
    await system.close()
    await redis?.close()
  })

  test('whoever signed out is signed out, whatever was under way', async () => {
    const site = await openidSite(system, 'site')
    const person = system.person()
    const use = async (index: number): Promise<void> => {
      const page = await person.browser.open(authorizationUrl(system.issuer, { prompt: 'none', nonce: String(index) }))
      expect(page.status).toBeLessThan(500)
    }
    for (let round = 0; round < ROUNDS; round++) {
      await site.signIn(person)
      const page = await person.browser.open(`${system.issuer}/session/end?client_id=site`)
      const form = formsOf(page.html).find(({ method }) => method === 'post')
      if (form === undefined) throw new Error('nothing asks whether to log out')
      const [, ended] = await Promise.all([
        Promise.all(Array.from({ length: WINDOWS }, (_, index) => use(index))),
        person.browser.submit(page, form.action, { ...form.values, logout: 'yes' }),
        Promise.all(Array.from({ length: WINDOWS }, (_, index) => use(index))),
      ])
      expect(ended.url.pathname).toBe('/session/end/success')
      const after = await person.authorize(authorizationUrl(system.issuer, { prompt: 'none' }))
      expect(after.searchParams.get('error')).toBe('login_required')
    }
  })
})
