import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signInHeadless } from '../../examples/test-helpers/src/sign-in-headless.ts'
import { createTestProvider, type TestProvider } from '../../examples/test-helpers/src/test-provider.ts'
import { startDemo, type Demo } from '../../src/main/demo/start-demo.ts'
import { freePorts } from '../support/free-port.ts'
import { createMigratedPostgresDatabase } from '../support/migrated-postgres.ts'
import type { PostgresDatabase } from '../support/postgres.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'
import { VIRTUAL_KEYS } from '../support/virtual-keys.ts'

let demo: Demo
let database: PostgresDatabase
let directory: TempDirectory
let address: string
let provider: TestProvider

beforeAll(async () => {
  directory = createTempDirectory('personas')
  database = await createMigratedPostgresDatabase()
  const [providerPort, shop, jpki, agent, personas] = await freePorts(5)
  demo = await startDemo({
    dataDirectory: directory.path,
    keyDirectory: VIRTUAL_KEYS,
    databaseUrl: database.databaseUrl,
    persona: 'taro',
    ports: { provider: providerPort!, shop: shop!, jpki: jpki!, agent: agent!, personas: personas! },
    logLevel: 'silent',
  })
  address = demo.urls.personas ?? ''
  provider = createTestProvider(address)
})

afterAll(async () => {
  await demo.close()
  await database.drop()
  await directory.remove()
})

const signIn = async (pin?: string): Promise<string> => {
  const outcome = await signInHeadless({ start: `${demo.urls.shop}/sign-in`, ...(pin && { pin }) })
  if (!outcome.arrived) return outcome.code
  return /id="sub">([\w-]{43})</.test(outcome.html) ? 'signed in' : 'not signed in'
}

describe('attacks 13, 23: who may move it', () => {
  const JSON_TYPE = { 'content-type': 'application/json' }
  const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

  test.each([
    ['a page of another site that sends JSON', '/api/card', { ...JSON_TYPE, origin: 'https://evil.example' }],
    ['JSON that calls itself text', '/api/card', { 'content-type': 'text/plain' }],
    ['JSON without a type', '/api/card', {}],
    ['a name that leads here (DNS rebinding)', '/api/card', { ...JSON_TYPE, host: 'evil.example' }],
    ['a form of another site', '/card', { ...FORM_TYPE, origin: 'https://evil.example' }],
    ['a form of nobody', '/card', { ...FORM_TYPE, origin: 'null' }],
    ['a form without an origin', '/card', FORM_TYPE],
    ['a client registered by another site', '/api/clients', { ...JSON_TYPE, origin: 'https://evil.example' }],
  ])('%s: refused', async (_name, path, headers) => {
    await provider.putCard('taro')
    const body = path.startsWith('/api') ? '{"persona":"hanako"}' : 'card=hanako'
    expect(await post(path, headers, body)).toBe(403)
    expect(await provider.state()).toMatchObject({ card: 'taro' })
  })

  test.each([
    ['/api/card', '{"persona":"nobody"}', 404],
    ['/api/card', '{"persona":1}', 400],
    ['/api/card', 'rubbish', 400],
    ['/api/services', '{"linkage":"sideways"}', 400],
    ['/api/services', '{"elsewhere":"down"}', 400],
    ['/api/elsewhere', '{}', 404],
    ['/api/card', `{"persona":"${'x'.repeat(20_000)}"}`, 413],
  ])('%s with %.30s: %i', async (path, body, status) => {
    expect(await post(path, JSON_TYPE, body)).toBe(status)
  })

  test('it is not part of the provider', async () => {
    for (const path of ['/api', '/api/card']) expect((await fetch(`${demo.urls.provider}${path}`)).status).toBe(404)
  })
})

describe('what a sign-in ends with', () => {
  test.each([
    ['taro', 'signed in'],
    ['taro-renewed', 'signed in'],
    ['one-try-left', 'signed in'],
    ['new', 'signed in'],
    ['expired', 'CERT_EXPIRED'],
    ['revoked', 'CERT_REVOKED'],
    ['deceased', 'CERT_REVOKED'],
    ['pin-locked', 'PIN_BLOCKED'],
    [null, 'CARD_NOT_FOUND'],
  ])('%s: %s', async (persona, end) => {
    await provider.putCard(persona)
    expect(await signIn()).toBe(end)
  })

  test.each([
    ['linkage', 'LINK_SERVICE_UNAVAILABLE'],
    ['revocation', 'REV_SOURCE_HTTP_ERROR'],
  ] as const)('somebody new while %s is down: %s; and in again when it is back', async (service, code) => {
    await provider.setServices({ [service]: 'down' })
    await provider.putCard('new')
    expect(await signIn()).toBe(code)
    expect(await provider.setServices({ [service]: 'up' })).toMatchObject({ linkage: 'up', revocation: 'up' })
    expect(await signIn()).toBe('signed in')
  })

  test('attack 28: a wrong PIN is typed once, and a card that is put down again has all its tries', async () => {
    await provider.putCard('hanako')
    expect(await signIn('9999')).toBe('PIN_WRONG')
    expect(await provider.state()).toMatchObject({ card: 'hanako', tries_left: 2 })
    expect(await provider.putCard('hanako')).toMatchObject({ tries_left: 3 })
  })
})

describe('a site of one’s own', () => {
  const SITE = {
    clientId: 'my-site',
    clientSecret: 'not a secret, but as long as a secret must be here',
    displayName: { ja: '私のサイト', en: 'My site' },
    redirectUris: ['http://localhost:8080/callback'],
  }

  test('is registered while it runs', async () => {
    const query = new URLSearchParams({
      client_id: 'my-site',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://localhost:8080/callback',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    })
    const ask = () => fetch(`${demo.urls.provider}/auth?${query.toString()}`, { redirect: 'manual' })
    expect((await ask()).status).toBe(400)
    await provider.registerClient({ ...SITE, clientSecret: SITE.clientSecret.replaceAll(/[ ,]/g, '-') })
    expect((await ask()).headers.get('location')).toMatch(/\/interaction\//)
  })

  test('a registration that is wrong is refused by the name of the field', async () => {
    await expect(provider.registerClient({ ...SITE, redirectUris: ['http://shop.example/'] })).rejects.toThrow(
      /redirectUris/,
    )
  })
})

/** `fetch` would write Host and Origin itself. */
function post(path: string, headers: Record<string, string>, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, address.replace('localhost', '127.0.0.1')),
      { method: 'POST', headers },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
