import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClientRegistry } from '../../src/relying-party/client-registry.ts'
import type { Registration } from '../../src/relying-party/registration.ts'
import { createClientStore } from '../../src/storage/client-store.ts'
import { createResourceServerStore } from '../../src/storage/resource-server-store.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Standing } from '../../src/oidc/find-account.ts'
import { createStandingStore } from '../../src/storage/standing/create-standing-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const standingIn =
  (database: Database) =>
  async (...asked: Parameters<Standing['signOutsOf']>): Promise<boolean> =>
    (await createStandingStore(database).signOutsOf(...asked)) !== undefined

describe.each(DATABASES)('on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  const account = async (status = 'active', mergedInto: string | null = null): Promise<string> => {
    const id = randomUUID()
    await made.database.query('INSERT INTO accounts (id, status, merged_into, created_at) VALUES ($1, $2, $3, now())', [
      id,
      status,
      mergedInto,
    ])
    return id
  }
  const credential = async (accountId: string, status = 'current'): Promise<string> => {
    const id = randomUUID()
    await made.database.query(
      `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, status, first_seen_at)
       VALUES ($1, $2, 'card-auth', $3, 1, $4, now())`,
      [id, accountId, randomBytes(32), status],
    )
    return id
  }

  describe('whether a tap still stands (attacks 32, 39)', () => {
    test.each([
      ['active', 'current', true],
      ['active', 'superseded', true],
      ['active', 'revoked', false],
      ['active', 'unlinked', false],
      ['suspended', 'current', false],
      ['closed', 'current', false],
    ])('account %s, card %s: %s', async (accountStatus, cardStatus, standing) => {
      const id = await account(accountStatus)
      expect(await standingIn(made.database)(id, await credential(id, cardStatus))).toBe(standing)
    })

    test('a card that went to another account takes nothing of the first with it', async () => {
      const [first, second] = [await account(), await account()]
      expect(await standingIn(made.database)(first, await credential(second))).toBe(false)
    })

    test('after a merge the tokens of the account that went stand with the one that is left, and end with it', async () => {
      const left = await account()
      const card = await credential(left)
      const gone = await account('merged', left)
      const isStanding = standingIn(made.database)
      expect(await isStanding(gone, card)).toBe(true)
      await made.database.query(`UPDATE accounts SET status = 'suspended' WHERE id = $1`, [left])
      expect(await isStanding(gone, card)).toBe(false)
    })

    test('a card of the account that went stands for the one that is left, and ends with it', async () => {
      const left = await account()
      const card = await credential(await account('merged', left))
      const isStanding = standingIn(made.database)
      expect(await isStanding(left, card)).toBe(true)
      expect(await isStanding(await account(), card)).toBe(false)
      await made.database.query(`UPDATE accounts SET status = 'suspended' WHERE id = $1`, [left])
      expect(await isStanding(left, card)).toBe(false)
    })

    test('nobody’s card stands for nobody', async () => {
      expect(await standingIn(made.database)(randomUUID(), randomUUID())).toBe(false)
    })
  })

  describe('whose API it is', () => {
    const api: Registration = {
      clientId: 'api',
      clientSecret: 's'.repeat(43),
      displayName: { ja: 'API', en: 'API' },
      resourceServer: { resource: 'https://api.example/', scopes: ['read'] },
    }

    test('is found by its name, until it is disabled; nobody else can take it', async () => {
      const store = createClientStore(made.database)
      const registry = createClientRegistry({ store, now: () => new Date() })
      const { clientIdOf } = createResourceServerStore(made.database)
      expect(await clientIdOf('https://api.example/')).toBeUndefined()
      await registry.upsert(api)
      await registry.upsert(api)
      expect(await clientIdOf('https://api.example/')).toBe('api')
      expect(await clientIdOf('https://API.example/')).toBeUndefined()
      await expect(registry.upsert({ ...api, clientId: 'thief' })).rejects.toMatchObject({
        issues: [{ path: ['resourceServer', 'resource'] }],
      })
      await store.setDisabled('api', true, new Date())
      expect(await clientIdOf('https://api.example/')).toBeUndefined()
    })
  })
})
