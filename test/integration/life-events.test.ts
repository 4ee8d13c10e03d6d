import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUTHENTICATION_PIN } from '@sekisho/virtual-jpki'
import { signInOnce, type SignInResult } from '../../src/main/demo/sign-in-once.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem

/** Through the same pages as a person, with the whole of the provider and its linkage service in between. */
async function signIn(persona: string): Promise<SignInResult> {
  await system.demo.useCard(persona)
  return signInOnce({ shopUrl: system.demo.urls.shop, pin: AUTHENTICATION_PIN, locale: 'ja' })
}

async function subOf(persona: string): Promise<unknown> {
  const result = await signIn(persona)
  if (!result.ok) throw new Error(`${persona}: ${result.code}`)
  return result.claims['sub']
}

async function codeOf(persona: string): Promise<string> {
  const result = await signIn(persona)
  if (result.ok) throw new Error(`${persona} was signed in`)
  return result.code
}

/** Serial numbers of the cards that signed in here, in the forms in which they could be written. */
const serials = (): string[] =>
  system.demo.jpki.registry
    .list()
    .filter(({ authority, holder }) => authority.startsWith('authentication') && /^(?:taro|hanako|lost)/.test(holder))
    .flatMap(({ serialNumber }) => [serialNumber.toString(10), serialNumber.toString(16).toLowerCase()])

describe('the lives of cards', () => {
  beforeAll(async () => {
    system = await startWholeSystem({ withoutAgent: false })
  })
  afterAll(() => system.close())

  test.each([
    ['deceased', 'CERT_REVOKED'],
    ['chain-loop', 'LINK_CHAIN_LOOP'],
    ['chain-too-long', 'LINK_CHAIN_TOO_LONG'],
    ['linkage-down', 'LINK_SERVICE_UNAVAILABLE'],
  ])('%s is refused with %s, and leaves nothing behind', async (persona, code) => {
    const before = await system.leftBehind()
    expect(await codeOf(persona)).toBe(code)
    expect(await system.leftBehind()).toEqual(before)
    expect((await system.auditTrail()).at(-1)).toBe(`sign_in.refused ${code}`)
  })

  test.each(['denies-link', 'wrong-person', 'stale', 'wrong-request-id', 'cut'] as const)(
    'a known card is never asked about, however wrong the service is (%s)',
    async (linkage) => {
      const sub = await subOf('one-try-left')
      system.demo.jpki.misbehave({ linkage })
      expect(await subOf('one-try-left')).toBe(sub)
      system.demo.jpki.misbehave({})
    },
  )

  test('attack 38: taro, renewed, and renewed again: one subject; the old card signs in no more', async () => {
    const sub = await subOf('taro')
    expect(await subOf('taro-renewed')).toBe(sub)
    // revoked, too: but that answer may still be on its way through a cache, and this one never is
    expect(await codeOf('taro')).toBe('LINK_CREDENTIAL_SUPERSEDED')
    expect(await subOf('taro-renewed-twice')).toBe(sub)
    expect((await system.auditTrail()).slice(-5)).toEqual([
      'sign_in.refused LINK_CREDENTIAL_SUPERSEDED',
      'credential.first_seen',
      'credential.linked',
      'credential.superseded',
      'sign_in.succeeded',
    ])
  })

  test('hanako, whose lost card was replaced: one subject', async () => {
    const sub = await subOf('hanako')
    expect(await subOf('lost-and-reissued')).toBe(sub)
  })

  test('no serial number is anywhere in the database', async () => {
    const { rows: tables } = await system.database.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    )
    const dumps = await Promise.all(
      tables.map(async ({ name }) => {
        const { rows } = await system.database.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" AS t`)
        return rows.map(({ row }) => row).join('\n')
      }),
    )
    const dump = dumps.join('\n').toLowerCase()
    expect(serials().length).toBeGreaterThanOrEqual(10)
    expect(serials().filter((serial) => dump.includes(serial))).toEqual([])
  })
})

describe('on a fresh database', () => {
  beforeAll(async () => {
    system = await startWholeSystem({ withoutAgent: false })
  })
  afterAll(() => system.close())

  test('taro-renewed-twice walks two steps back, and everything before is known from then on', async () => {
    const sub = await subOf('taro-renewed-twice')
    const { rows } = await system.database.query(
      'SELECT status, count(*)::int FROM credentials GROUP BY status ORDER BY status',
    )
    expect(rows).toEqual([
      { status: 'current', count: 1 },
      { status: 'superseded', count: 2 },
    ])
    expect(await subOf('taro-renewed-twice')).toBe(sub)
  })

  test('an outage keeps an unknown card out until it is over', async () => {
    system.demo.jpki.misbehave({ linkage: 'down' })
    expect(await codeOf('lost-and-reissued')).toBe('LINK_SERVICE_UNAVAILABLE')
    system.demo.jpki.misbehave({})
    expect(await subOf('lost-and-reissued')).toMatch(/^[\w-]{43}$/)
  })
})
