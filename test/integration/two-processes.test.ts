import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
let providers: ProvidersOnOneDatabase
let first: ListeningProvider
let second: ListeningProvider

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 2 })
  providers = await startProvidersOnOneDatabase(postgres.databaseUrl)
  first = await providers.open()
  second = await providers.open()
})
afterAll(async () => {
  await providers.close()
  await database.end()
  await postgres.drop()
})

/** Begun at the one, claimed at the other, signed by the persona's card. */
async function signed(persona = 'taro') {
  const begun = await beginSignIn(first.address)
  const ticket = await openTicket(first.address, providers.issuer, begun)
  const { body } = await claimTicket(second.address, ticket)
  return { begun, ticket, answer: answerByHand(await providers.jpki.card(persona), body, providers.issuer) }
}

/** The same thing ten times at once, every second time to the other instance. */
const tenTimes = <Result>(work: (address: string) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: 10 }, (_, i) => work(i % 2 === 0 ? first.address : second.address)))

const LED_ON = /\/auth\/[\w-]+$/

async function succeeded(): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM audit_events WHERE type = 'sign_in.succeeded'`,
  )
  return rows[0]?.count ?? 0
}

describe('attack 19: one challenge, two processes', () => {
  test('of ten agents at both, one gets the ticket', async () => {
    const ticket = await openTicket(first.address, providers.issuer, await beginSignIn(first.address))
    const answers = await tenTimes((address) => claimTicket(address, ticket))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.map(({ body }) => body.error))).toEqual(new Set([undefined, 'SIGNIN_TICKET_CLAIMED']))
  })

  test('the same signature, ten times at both, is taken once', async () => {
    const { ticket, answer } = await signed()
    const answers = await tenTimes((address) => answerTicket(address, ticket, answer))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.map(({ error }) => error))).toEqual(new Set([undefined, 'SIGNIN_TICKET_USED']))
  })

  test('one completion code, ten times at both with the right cookie, signs in once', async () => {
    const { begun, ticket, answer } = await signed()
    const { completion_uri: address = '' } = await answerTicket(second.address, ticket, answer)
    const before = await succeeded()
    const ends = await tenTimes((instance) => complete(instance, address, begun))
    expect(ends.filter((end) => LED_ON.test(end))).toHaveLength(1)
    expect(ends.filter((end) => end === 'SIGNIN_COMPLETION_INVALID')).toHaveLength(9)
    expect(await succeeded()).toBe(before + 1)
  })

  test('in another browser at the other instance it is refused, recorded, and dead everywhere', async () => {
    const { begun, ticket, answer } = await signed()
    const { completion_uri: address = '' } = await answerTicket(first.address, ticket, answer)
    const stranger = await beginSignIn(second.address)
    const forged = address.replace(begun.interactionId, stranger.interactionId)
    expect(await complete(second.address, forged, stranger)).toBe('SIGNIN_OTHER_BROWSER')
    expect(await complete(first.address, address, begun)).toBe('SIGNIN_COMPLETION_INVALID')
    const { rows } = await database.query<{ details: unknown }>(
      'SELECT details FROM audit_events ORDER BY sequence DESC LIMIT 1',
    )
    expect(rows[0]?.details).toMatchObject({ code: 'SIGNIN_OTHER_BROWSER' })
  })
})

describe('attack 19: across a restart', () => {
  test('what was used stays used, and what was begun goes on', async () => {
    const used = await signed()
    const { completion_uri: usedAddress = '' } = await answerTicket(second.address, used.ticket, used.answer)
    expect(await complete(second.address, usedAddress, used.begun)).toMatch(LED_ON)
    const begun = await signed()
    const { completion_uri: address = '' } = await answerTicket(second.address, begun.ticket, begun.answer)

    await second.close()
    second = await providers.open()

    expect(await answerTicket(second.address, used.ticket, used.answer)).toEqual({
      status: 409,
      error: 'SIGNIN_TICKET_USED',
    })
    expect(await complete(second.address, usedAddress, used.begun)).toBe('SIGNIN_COMPLETION_INVALID')
    expect(await complete(second.address, address, begun.begun)).toMatch(LED_ON)
  })
})

test('attack 37: five first sign-ins of one card at once over both instances make one account', async () => {
  const five = await Promise.all(Array.from({ length: 5 }, () => signed('hanako')))
  const addresses = await Promise.all(
    five.map(async ({ ticket, answer }, i) => {
      const { completion_uri: address = '' } = await answerTicket(
        i % 2 ? first.address : second.address,
        ticket,
        answer,
      )
      return address
    }),
  )
  const before = await database.query('SELECT 1 FROM accounts')
  const ends = await Promise.all(
    five.map(({ begun }, i) => complete(i % 2 ? second.address : first.address, addresses[i] ?? '', begun)),
  )
  expect(ends.filter((end) => LED_ON.test(end))).toHaveLength(5)
  const after = await database.query('SELECT 1 FROM accounts')
  expect(after.rowCount).toBe((before.rowCount ?? 0) + 1)
})
