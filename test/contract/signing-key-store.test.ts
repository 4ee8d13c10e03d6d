import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSealer } from '../../src/sealing/create-sealer.ts'
import { loadSigningKeys } from '../../src/signing-key/load-signing-keys.ts'
import { createSigningKeyStore } from '../../src/storage/signing-key-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const NOW = new Date('2026-11-22T03:00:00Z')

describe.each(DATABASES)('signing keys on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  const load = () =>
    loadSigningKeys({
      store: createSigningKeyStore(made.database),
      sealer: createSealer([Buffer.alloc(32, 7)]),
      now: () => NOW,
    })

  test('ten processes that start at once make one key of each algorithm, and all have the same', async () => {
    const loaded = await Promise.all(Array.from({ length: 10 }, load))
    expect(new Set(loaded.map(({ keys }) => JSON.stringify(keys))).size).toBe(1)
    const { rows } = await made.database.query('SELECT algorithm, state FROM signing_keys ORDER BY algorithm')
    expect(rows).toEqual([
      { algorithm: 'ES256', state: 'active' },
      { algorithm: 'RS256', state: 'active' },
    ])
  })

  test('a second key that signs is refused by the table itself', async () => {
    await load()
    const second = `INSERT INTO signing_keys SELECT 'other', algorithm, public_jwk, sealed_private_jwk, state, published_at,
      activated_at, retired_at FROM signing_keys WHERE algorithm = 'ES256'`
    await expect(made.database.query(second)).rejects.toMatchObject({ code: '23505' })
  })

  test('at rest there is no private member, only its sealed box', async () => {
    const { keys } = await load()
    const { rows } = await made.database.query<{ row: string }>('SELECT signing_keys::text AS row FROM signing_keys')
    const dump = rows.map(({ row }) => row).join('\n')
    for (const { d, kid } of keys) {
      expect(dump).toContain(kid)
      expect(dump).not.toContain(d)
      expect(dump).not.toContain(Buffer.from(d ?? '').toString('hex'))
    }
  })
})
