import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createCutOff, type CutOff } from '../support/cut-off.ts'
import { answerTicket, beginSignIn, claimTicket, complete, openTicket } from '../support/hand-ceremony.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import {
  startProvidersOnOneDatabase,
  type ListeningProvider,
  type ProvidersOnOneDatabase,
} from '../support/providers-on-one-database.ts'
import { answerByHand } from '../support/whole-system.ts'

let postgres: PostgresDatabase
let database: pg.Pool
let cable: CutOff
let providers: ProvidersOnOneDatabase
let provider: ListeningProvider

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 2 })
  const address = new URL(postgres.databaseUrl)
  cable = await createCutOff({ host: address.hostname, port: Number(address.port) })
  address.port = String(cable.port)
  providers = await startProvidersOnOneDatabase(address.href)
  provider = await providers.open()
})
afterEach(() => {
  cable.mend()
})
afterAll(async () => {
  await providers.close()
  await cable.close()
  await database.end()
  await postgres.drop()
})

const LED_ON = /\/auth\/[\w-]+$/

async function claimed() {
  const begun = await beginSignIn(provider.address)
  const ticket = await openTicket(provider.address, providers.issuer, begun)
  const { body } = await claimTicket(provider.address, ticket)
  return { begun, ticket, answer: answerByHand(await providers.jpki.card('taro'), body, providers.issuer) }
}

/** People, sign-ins and sessions that exist. */
async function signedIn(): Promise<unknown> {
  const { rows } = await database.query(
    `SELECT (SELECT count(*)::int FROM accounts) AS accounts, (SELECT count(*)::int FROM credentials) AS credentials,
            (SELECT count(*)::int FROM audit_events) AS events,
            (SELECT count(*)::int FROM oidc_artifacts WHERE payload ? 'accountId') AS artifacts`,
  )
  return rows[0]
}

const ready = async (): Promise<number> => (await fetch(`${provider.address}/health/ready`)).status

describe('attack 41: the database goes away', () => {
  test('before the answer: refused, nothing is written, and the same answer is taken when it is back', async () => {
    const { begun, ticket, answer } = await claimed()
    const before = await signedIn()
    cable.cut()
    expect(await answerTicket(provider.address, ticket, answer)).toEqual({
      status: 503,
      error: 'SERVER_STORAGE_UNAVAILABLE',
    })
    expect(await ready()).toBe(503)
    cable.mend()
    expect(await ready()).toBe(200)
    expect(await signedIn()).toEqual(before)
    const { completion_uri: address = '' } = await answerTicket(provider.address, ticket, answer)
    expect(await complete(provider.address, address, begun)).toMatch(LED_ON)
  })

  test('between the answer and the completion: a page that says so, and the way back stays good', async () => {
    const { begun, ticket, answer } = await claimed()
    const { completion_uri: address = '' } = await answerTicket(provider.address, ticket, answer)
    const before = await signedIn()
    cable.cut()
    expect(await complete(provider.address, address, begun)).toBe('SERVER_STORAGE_UNAVAILABLE')
    cable.mend()
    expect(await signedIn()).toEqual(before)
    expect(await complete(provider.address, address, begun)).toMatch(LED_ON)
  })

  test('every page and endpoint answers in bounded time, and all is well afterwards with no restart', async () => {
    cable.cut()
    const begun = { interactionId: 'x', cookie: 'sekisho_interaction=x' }
    await expect(beginSignIn(provider.address)).rejects.toThrow(/no interaction: 503/)
    expect((await claimTicket(provider.address, 'a'.repeat(43))).body.error).toBe('SERVER_STORAGE_UNAVAILABLE')
    expect(
      await complete(provider.address, `${providers.issuer}/interaction/x/complete?code=${'a'.repeat(43)}`, begun),
    ).toBe('SERVER_STORAGE_UNAVAILABLE')
    cable.mend()
    const { ticket, answer } = await claimed()
    expect((await answerTicket(provider.address, ticket, answer)).status).toBe(200)
  })
})
