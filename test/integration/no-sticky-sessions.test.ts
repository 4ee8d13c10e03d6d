import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isOidcPath } from '../../src/main/http-server.ts'
import { startBalancer, type Balancer } from '../support/balancer.ts'
import { createPersonWithCard } from '../support/person-with-card.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import {
  SITE_REDIRECT_URI,
  startProvidersOnOneDatabase,
  type ProvidersOnOneDatabase,
} from '../support/providers-on-one-database.ts'

let postgres: PostgresDatabase
let balancer: Balancer
let providers: ProvidersOnOneDatabase

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  balancer = await startBalancer()
  providers = await startProvidersOnOneDatabase(postgres.databaseUrl, balancer.url)
  const opened = [await providers.open(), await providers.open(), await providers.open()]
  // in turn: no two requests in a row go to the same one
  balancer.use(...opened.map(({ address }) => address))
})
afterAll(async () => {
  await balancer.close()
  await providers.close()
  await postgres.drop()
})

const AUTHORIZATION = `Basic ${Buffer.from(`site:${'s'.repeat(43)}`).toString('base64')}`

const post = async (path: string, fields: Record<string, string>): Promise<Record<string, unknown>> => {
  const response = await fetch(`${balancer.url}${path}`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION },
    body: new URLSearchParams(fields),
  })
  return (await response.json()) as Record<string, unknown>
}

/** From the site to tokens; each of its dozen requests at another of the three instances than the one before. */
async function signIn(persona: string): Promise<Record<string, unknown>> {
  const person = createPersonWithCard({
    issuer: balancer.url,
    persona,
    card: (name) => providers.jpki.card(name),
  })
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: 'site',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: SITE_REDIRECT_URI,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const back = await person.authorize(`${balancer.url}/auth?${query.toString()}`)
  return post('/token', {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: SITE_REDIRECT_URI,
    code_verifier: verifier,
  })
}

describe('three instances, and no request goes where the one before went', () => {
  // one more request between them, so that each step meets each instance
  test.each(['taro', 'hanako', 'one-try-left'])('%s signs in, and the tokens are good everywhere', async (persona) => {
    await fetch(`${balancer.url}/health/live`)
    const { access_token: token = '', id_token: idToken } = await signIn(persona)
    expect(idToken).toMatch(/^eyJ/)
    const ask = async (): Promise<number[]> => {
      const statuses: number[] = []
      for (let instance = 0; instance < 3; instance++) {
        const response = await fetch(`${balancer.url}/me`, { headers: { authorization: `Bearer ${token as string}` } })
        statuses.push(response.status)
      }
      return statuses
    }
    expect(await ask()).toEqual([200, 200, 200])
    const revoked = await fetch(`${balancer.url}/token/revocation`, {
      method: 'POST',
      headers: { authorization: AUTHORIZATION },
      body: new URLSearchParams({ token: token as string }),
    })
    expect(revoked.status).toBe(200)
    expect(await ask()).toEqual([401, 401, 401])
  })
})

test('every endpoint of the library goes to it straight from the HTTP server, and no page of ours does', async () => {
  const document = (await (await fetch(`${balancer.url}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >
  const endpoints = Object.entries(document).filter(([name]) => /(?:_endpoint|jwks_uri)$/.test(name))
  expect(endpoints.length).toBeGreaterThan(7)
  for (const [name, address] of endpoints)
    expect([name, isOidcPath(new URL(String(address)).pathname)]).toEqual([name, true])
  const others = [
    '/',
    '/interaction/abc',
    '/agent/tickets/x',
    '/account',
    '/health/ready',
    '/assets/a.css',
    '/authx',
    '//auth',
  ]
  for (const path of others) expect([path, isOidcPath(path)]).toEqual([path, false])
})
