import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import {
  SITE_REDIRECT_URI,
  startProvidersOnOneDatabase,
  type ListeningProvider,
  type ProvidersOnOneDatabase,
} from '../support/providers-on-one-database.ts'

const ISSUER = 'https://id.example.jp'
let postgres: PostgresDatabase
let providers: ProvidersOnOneDatabase
let provider: ListeningProvider

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  providers = await startProvidersOnOneDatabase(postgres.databaseUrl, ISSUER)
  provider = await providers.open()
})
afterAll(async () => {
  await providers.close()
  await postgres.drop()
})

describe.each([
  ['no word of the proxy', {}],
  ['a proxy that says http', { 'x-forwarded-proto': 'http' }],
])('an https: issuer with %s', (_name, headers) => {
  test('has https: addresses only', async () => {
    const response = await fetch(`${provider.address}/.well-known/openid-configuration`, { headers })
    const document = (await response.json()) as Record<string, unknown>
    const addresses = Object.entries(document).filter(([name]) => /(?:_endpoint|_uri|issuer)$/.test(name))
    expect(addresses.length).toBeGreaterThan(5)
    for (const [name, address] of addresses) expect(new URL(String(address)).origin, name).toBe(ISSUER)
  })

  test('sets secure cookies only', async () => {
    const query = new URLSearchParams({
      client_id: 'site',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: SITE_REDIRECT_URI,
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    })
    const response = await fetch(`${provider.address}/auth?${query.toString()}`, { headers, redirect: 'manual' })
    expect(response.status).toBe(303)
    const cookies = response.headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(1)
    for (const cookie of cookies) expect(cookie).toMatch(/; secure/i)
  })
})
