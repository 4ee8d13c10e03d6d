import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_CONSENT, type Consent } from '../../src/relying-party/consent/consent.ts'
import type { ConsentStore } from '../../src/relying-party/consent/consent-store.ts'
import { createConsentStore } from '../../src/storage/consent-store.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Standing } from '../../src/oidc/find-account.ts'
import { createStandingStore } from '../../src/storage/standing/create-standing-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const START = new Date('2026-11-22T03:00:00Z')
const OPENID: Consent = { scopes: ['openid'], claims: [], resourceScopes: [] }

const standingIn =
  (database: Database) =>
  async (...asked: Parameters<Standing['signOutsOf']>): Promise<boolean> =>
    (await createStandingStore(database).signOutsOf(...asked)) !== undefined

describe.each(DATABASES)('consents on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let consents: ConsentStore
  let clock = START
  let accountId = ''

  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    consents = createConsentStore({ database: made.database, now: () => clock })
  })
  afterAll(() => made.remove())
  beforeEach(async () => {
    clock = START
    accountId = await account()
  })

  const account = async (mergedInto: string | null = null): Promise<string> => {
    const id = randomUUID()
    await made.database.query('INSERT INTO accounts (id, status, merged_into, created_at) VALUES ($1, $2, $3, $4)', [
      id,
      mergedInto === null ? 'active' : 'merged',
      mergedInto,
      START,
    ])
    return id
  }
  const eventsOf = async (id: string): Promise<readonly object[]> => {
    const { rows } = await made.database.query<{ type: string; details: object }>(
      `SELECT type, client_id, details FROM audit_events WHERE account_id = $1 ORDER BY sequence`,
      [id],
    )
    return rows
  }

  test('nothing stands before it is given, nor at another site, nor for another person', async () => {
    await consents.give(accountId, 'shop', OPENID)
    expect(await consents.find(accountId, 'other')).toEqual(NO_CONSENT)
    expect(await consents.find(await account(), 'shop')).toEqual(NO_CONSENT)
    expect(await consents.list(await account())).toEqual([])
  })

  test('what is given later is added, however many give at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_none, number) =>
        consents.give(accountId, 'shop', {
          scopes: ['openid'],
          claims: number % 2 === 0 ? ['cert_status'] : [],
          resourceScopes: [`https://api.example/ scope-${number}`],
        }),
      ),
    )
    const { scopes, claims, resourceScopes } = await consents.find(accountId, 'shop')
    expect([scopes, claims, resourceScopes.length]).toEqual([['openid'], ['cert_status'], 20])
    const { rows } = await made.database.query('SELECT 1 FROM consents WHERE account_id = $1', [accountId])
    expect(rows).toHaveLength(1)
    expect(await eventsOf(accountId)).toHaveLength(20)
  })

  test('the log has every change, in words of the site', async () => {
    await consents.give(accountId, 'shop', { ...OPENID, resourceScopes: ['https://api.example/ read'] })
    await consents.decline(accountId, 'shop')
    expect(await consents.withdraw(accountId, 'shop')).toBe(true)
    expect(await eventsOf(accountId)).toEqual([
      {
        type: 'consent.given',
        client_id: 'shop',
        details: { scopes: ['openid'], claims: [], resourceScopes: ['https://api.example/ read'] },
      },
      { type: 'consent.declined', client_id: 'shop', details: {} },
      { type: 'consent.withdrawn', client_id: 'shop', details: {} },
    ])
  })

  test('taken back once, it is gone, stays as history, and can be given again', async () => {
    await consents.give(accountId, 'shop', { ...OPENID, claims: ['cert_status'] })
    clock = new Date(START.getTime() + 60_000)
    expect(await Promise.all([1, 2, 3].map(() => consents.withdraw(accountId, 'shop')))).toEqual(
      expect.arrayContaining([true, false, false]),
    )
    expect(await consents.find(accountId, 'shop')).toEqual(NO_CONSENT)
    await consents.give(accountId, 'shop', OPENID)
    expect(await consents.list(accountId)).toEqual([{ clientId: 'shop', consent: OPENID, givenAt: clock }])
    const { rows } = await made.database.query(
      'SELECT granted_at, revoked_at FROM consents WHERE account_id = $1 ORDER BY id',
      [accountId],
    )
    expect(rows).toEqual([
      { granted_at: START, revoked_at: clock },
      { granted_at: clock, revoked_at: null },
    ])
  })

  test('of merged accounts it counts for the one that is left, which takes it back for both', async () => {
    const gone = await account(accountId)
    await consents.give(gone, 'shop', { ...OPENID, claims: ['cert_status'] })
    await consents.give(accountId, 'shop', { ...OPENID, scopes: ['openid', 'offline_access'] })
    const both = { scopes: ['offline_access', 'openid'], claims: ['cert_status'], resourceScopes: [] }
    const found = await consents.find(accountId, 'shop')
    expect({ ...found, scopes: found.scopes.toSorted() }).toEqual(both)
    expect(await consents.list(accountId)).toHaveLength(1)
    expect(await consents.withdraw(accountId, 'shop')).toBe(true)
    expect(await consents.find(gone, 'shop')).toEqual(NO_CONSENT)
  })

  describe('whether what came of it still stands (attack 41)', () => {
    const isStanding = async (id: string, askedFor?: string): Promise<boolean> => {
      const credentialId = randomUUID()
      await made.database.query(
        `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, status, first_seen_at)
         VALUES ($1, $2, 'card-auth', $3, 1, 'current', $4)`,
        [credentialId, accountId, randomBytes(32), START],
      )
      return standingIn(made.database)(id, credentialId, askedFor)
    }

    test('never asked: yes; given: yes; taken back: no; given again: yes; the operator’s own: always', async () => {
      expect(await isStanding(accountId, 'shop')).toBe(true)
      await consents.give(accountId, 'shop', OPENID)
      expect(await isStanding(accountId, 'shop')).toBe(true)
      await consents.withdraw(accountId, 'shop')
      expect(await isStanding(accountId, 'shop')).toBe(false)
      expect(await isStanding(accountId, 'other')).toBe(true)
      expect(await isStanding(accountId)).toBe(true)
      await consents.give(accountId, 'shop', OPENID)
      expect(await isStanding(accountId, 'shop')).toBe(true)
    })

    test('taken back at the account that is left, it ends what both have', async () => {
      const gone = await account(accountId)
      await consents.give(gone, 'shop', OPENID)
      expect([await isStanding(accountId, 'shop'), await isStanding(gone, 'shop')]).toEqual([true, true])
      await consents.withdraw(accountId, 'shop')
      expect([await isStanding(accountId, 'shop'), await isStanding(gone, 'shop')]).toEqual([false, false])
    })
  })
})
