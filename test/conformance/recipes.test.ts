import { readFileSync } from 'node:fs'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CALLBACK, SECRET, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import * as recipe from './recipes/openid-client.ts'

/** docs/relying-parties.md quotes programs; what it quotes runs here. */
let system: ConformanceSystem

beforeAll(async () => {
  system = await startConformanceSystem()
  await system.register({ clientId: 'site' })
})
afterAll(() => system.close())

test('openid-client: the page quotes the program as it is', () => {
  const page = readFileSync(new URL('../../docs/relying-parties.md', import.meta.url), 'utf8')
  const program = readFileSync(new URL('./recipes/openid-client.ts', import.meta.url), 'utf8')
  expect(page).toContain(`\`\`\`ts\n${program}\`\`\``)
})

test('openid-client: the program signs somebody in, and the same person is the same', async () => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the test server has no certificate
  const development = { execute: [oidc.allowInsecureRequests] }
  const configuration = await recipe.connect(system.issuer, 'site', SECRET, development)
  const signIn = async () => {
    const { pending, address } = await recipe.begin(configuration, CALLBACK)
    return recipe.finish(configuration, await system.person().authorize(address), pending)
  }
  const [first, again] = [await signIn(), await signIn()]
  expect(first.userId).toMatch(/^[\w-]{43}$/)
  expect(again.userId).toBe(first.userId)
})

test.each(['state', 'nonce', 'codeVerifier'] as const)(
  'openid-client: a response for another %s is thrown out',
  async (key) => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the test server has no certificate
    const development = { execute: [oidc.allowInsecureRequests] }
    const configuration = await recipe.connect(system.issuer, 'site', SECRET, development)
    const { pending, address } = await recipe.begin(configuration, CALLBACK)
    const callback = await system.person().authorize(address)
    const other = { ...pending, [key]: oidc.randomPKCECodeVerifier() }
    await expect(recipe.finish(configuration, callback, other)).rejects.toThrow()
  },
)

test('attack 10: a response that names another issuer is thrown out', async () => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the test server has no certificate
  const development = { execute: [oidc.allowInsecureRequests] }
  const configuration = await recipe.connect(system.issuer, 'site', SECRET, development)
  const { pending, address } = await recipe.begin(configuration, CALLBACK)
  const callback = await system.person().authorize(address)
  callback.searchParams.set('iss', 'https://attacker.example')
  await expect(recipe.finish(configuration, callback, pending)).rejects.toThrow()
})
