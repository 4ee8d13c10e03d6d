import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClientRegistry, type ClientRegistry } from '../../src/relying-party/client-registry.ts'
import { matchesClientSecret } from '../../src/relying-party/client-secret.ts'
import type { Registration } from '../../src/relying-party/registration.ts'
import { createClientStore } from '../../src/storage/client-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const SECRET = randomBytes(32).toString('base64url')
const SHOP: Registration = {
  clientId: 'shop',
  clientSecret: SECRET,
  displayName: { ja: '見本の店', en: 'Sample shop' },
  redirectUris: ['https://shop.example/callback'],
  revocationPolicy: 'allow-unchecked',
}

describe.each(DATABASES)('clients on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let registry: ClientRegistry
  let clock = new Date('2026-11-22T03:00:00Z')
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    registry = createClientRegistry({
      store: createClientStore(made.database),
      now: () => clock,
    })
  })
  afterAll(() => made.remove())

  test('a client that was never registered is not found', async () => {
    expect(await registry.find('nobody')).toBeUndefined()
  })

  test('a registration is found as it was written, and replaced as a whole', async () => {
    await registry.upsert(SHOP)
    const { clientSecret, ...written } = SHOP
    expect(await registry.find('shop')).toMatchObject(written)
    expect(matchesClientSecret(clientSecret ?? '', (await registry.find('shop'))?.secrets ?? [], clock)).toBe(true)
    clock = new Date('2026-11-23T03:00:00Z')
    const { clientSecret: _secret, revocationPolicy: _policy, ...publicShop } = SHOP
    await registry.upsert(publicShop)
    const found = await registry.find('shop')
    expect(found).toMatchObject({ ...publicShop, revocationPolicy: 'require-good' })
    expect(found).toMatchObject({ tokenEndpointAuthMethod: 'none', secrets: [] })
    const { rows } = await made.database.query(`SELECT updated_at - created_at = '1 day' AS next_day FROM clients`)
    expect(rows).toEqual([{ next_day: true }])
  })

  test('a disabled client is not found, and registering it again does not enable it', async () => {
    await registry.upsert({ ...SHOP, clientId: 'disabled' })
    await made.database.query(`UPDATE clients SET disabled_at = now() WHERE client_id = 'disabled'`)
    expect(await registry.find('disabled')).toBeUndefined()
    await registry.upsert({ ...SHOP, clientId: 'disabled' })
    expect(await registry.find('disabled')).toBeUndefined()
  })

  test('a dump of the table holds no secret', async () => {
    await registry.upsert(SHOP)
    const { rows } = await made.database.query<{ row: string }>('SELECT clients::text AS row FROM clients')
    const dump = rows.map(({ row }) => row).join('\n')
    expect(dump).toContain('Sample shop')
    expect(dump).not.toContain(SECRET)
    expect(dump).not.toContain(Buffer.from(SECRET).toString('hex'))
  })

  test('an id is given once, however many ask for it at the same time', async () => {
    const store = createClientStore(made.database)
    const record = { clientId: 'once', registration: {}, secrets: [] }
    const inserted = await Promise.all(Array.from({ length: 10 }, () => store.insert(record, clock)))
    expect(inserted.filter(Boolean)).toHaveLength(1)
    expect(await store.find('once')).toMatchObject({ version: 1, createdAt: clock, disabledAt: undefined })
  })

  test('attack 44: of ten changes made from one version, one is written', async () => {
    const store = createClientStore(made.database)
    await store.upsert({ clientId: 'edited', registration: {}, secrets: [] }, clock)
    const { version = 0 } = (await store.find('edited')) ?? {}
    const written = await Promise.all(
      Array.from({ length: 10 }, (_none, by) =>
        store.replace({ clientId: 'edited', registration: { by }, secrets: [] }, version, clock),
      ),
    )
    expect(written.filter(Boolean)).toHaveLength(1)
    expect(await store.find('edited')).toMatchObject({
      version: version + 1,
      registration: { by: written.indexOf(true) },
    })
    expect(await store.replace({ clientId: 'nobody', registration: {}, secrets: [] }, 1, clock)).toBe(false)
  })

  test('disabling keeps the first time, enabling takes it back; the list has both kinds', async () => {
    const store = createClientStore(made.database)
    await store.upsert({ clientId: 'off', registration: {}, secrets: [] }, clock)
    const later = new Date(clock.getTime() + 1000)
    expect(await store.setDisabled('off', true, clock)).toBe(true)
    expect(await store.setDisabled('off', true, later)).toBe(true)
    expect(await store.find('off')).toMatchObject({ disabledAt: clock, version: 3 })
    expect((await store.list()).map(({ clientId }) => clientId)).toContain('off')
    await store.setDisabled('off', false, later)
    expect(await store.find('off')).toMatchObject({ disabledAt: undefined })
    expect(await store.setDisabled('nobody', true, clock)).toBe(false)
  })

  test('many are searched a page at a time: by id, either name or owner, whatever the case; disabled ones by themselves', async () => {
    const store = createClientStore(made.database)
    for (const [clientId, ja, owner] of [
      ['search-b', '役所', 'Ward Office'],
      ['search-a', '市立図書館', 'Library'],
      ['Search-c', '図書館（分館）', 'library'],
    ] as const) {
      const registration = { displayName: { ja, en: `The ${clientId}` }, owner }
      await store.upsert({ clientId, registration, secrets: [] }, clock)
    }
    await store.setDisabled('search-b', true, clock)
    const ids = async (search: Parameters<typeof store.search>[0]): Promise<string[]> =>
      (await store.search(search)).map(({ clientId }) => clientId)
    expect(await ids({ text: 'SEARCH-', limit: 9 })).toEqual(['Search-c', 'search-a', 'search-b'])
    expect(await ids({ text: 'search-', limit: 2, after: 'Search-c' })).toEqual(['search-a', 'search-b'])
    expect(await ids({ text: '図書館', limit: 9 })).toEqual(['Search-c', 'search-a'])
    expect(await ids({ text: 'LIBRARY', limit: 9, status: 'enabled' })).toEqual(['Search-c', 'search-a'])
    expect(await ids({ text: 'search', limit: 9, status: 'disabled' })).toEqual(['search-b'])
    // neither a pattern nor a regular expression
    expect(await ids({ text: 's%h', limit: 9 })).toEqual([])
    expect(await ids({ text: '.*', limit: 9 })).toEqual([])
  })
})
