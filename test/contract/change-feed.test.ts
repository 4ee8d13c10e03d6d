import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientChangesOf } from '../../src/main/client-changes-of.ts'
import { cacheClients } from '../../src/relying-party/cache-clients.ts'
import {
  createClientRegistry,
  type ClientLookup,
  type ClientRegistry,
} from '../../src/relying-party/client-registry.ts'
import type { Registration } from '../../src/relying-party/registration.ts'
import { createSealer } from '../../src/sealing/create-sealer.ts'
import { loadSigningKeys } from '../../src/signing-key/load-signing-keys.ts'
import type { Change, ChangeFeed } from '../../src/storage/change-feed/change.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { createClientStore } from '../../src/storage/client-store.ts'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createSigningKeyStore } from '../../src/storage/signing-key-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { pollUntil } from '../support/poll-until.ts'

const now = (): Date => new Date()
const shop = (en: string): Registration => ({
  clientId: 'shop',
  displayName: { ja: '店', en },
  redirectUris: ['https://shop.example/callback'],
})
const CLIENT_ID = shop('').clientId

describe.each(DATABASES)('changes on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let feed: ChangeFeed
  let heard: Change[]
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    feed = createChangeFeed(made.database)
    feed.onChange((change) => heard.push(change))
    heard = []
    await pollUntil(() => feed.isListening())
    heard.length = 0
  })
  afterAll(async () => {
    await feed.close()
    await made.remove()
  })
  afterEach(() => {
    heard.length = 0
  })

  test.each([
    [
      'a client that is registered',
      () => createClientRegistry({ store: createClientStore(made.database), now }).upsert(shop('1')),
    ],
    ['that is changed past every code of ours', () => made.database.query('UPDATE clients SET disabled_at = now()')],
    ['that is deleted', () => made.database.query('DELETE FROM clients')],
  ])('%s is told, with its id', async (_name, work) => {
    await work()
    await pollUntil(() => heard.length > 0)
    expect(heard).toEqual([{ kind: 'client', clientId: CLIENT_ID }])
  })

  test('what was rolled back is not told', async () => {
    const rolledBack = made.database.transaction(async (transaction) => {
      await createClientStore({ ...made.database, ...transaction }).insert(
        { clientId: 'rolled-back', registration: {}, secrets: [] },
        now(),
      )
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    await createClientRegistry({ store: createClientStore(made.database), now }).upsert(shop('2'))
    await pollUntil(() => heard.length > 0)
    expect(heard).toEqual([{ kind: 'client', clientId: CLIENT_ID }])
  })

  test('signing keys are told', async () => {
    const sealer = createSealer([Buffer.alloc(32, 7)])
    await loadSigningKeys({ store: createSigningKeyStore(made.database), sealer, now })
    await pollUntil(() => heard.length > 0)
    expect(heard[0]).toEqual({ kind: 'signing-keys' })
  })
})

test('PGlite: the same process has heard of a change before the statement that made it returns', async () => {
  const [, embedded] = DATABASES
  const made = await createMigratedDatabase(embedded.createDatabase)
  const feed = createChangeFeed(made.database)
  try {
    const registry = createClientRegistry({ store: createClientStore(made.database), now })
    const cached = cacheClients({ clients: registry, changes: clientChangesOf(feed), now })
    for (const name of ['first', 'second', 'third']) {
      await registry.upsert(shop(name))
      expect((await cached.find(CLIENT_ID))?.displayName.en).toBe(name)
    }
  } finally {
    await feed.close()
    await made.remove()
  }
})

describe('PostgreSQL: two processes, each with pool, feed and cache of its own', () => {
  let made: TestDatabase
  const processes: {
    database: Database
    feed: ChangeFeed
    registry: ClientRegistry
    cached: ClientLookup
    asked: number
  }[] = []
  const faults: unknown[] = []

  beforeAll(async () => {
    const [postgres] = DATABASES
    made = await createMigratedDatabase(postgres.createDatabase)
    const { connectionString = '' } = made.database.pool.options as { connectionString?: string }
    for (let count = 0; count < 2; count += 1) {
      const database = await openDatabase({ databaseUrl: connectionString, maxConnections: 2 })
      const feed = createChangeFeed(database, { heartbeatMs: 200, retryMs: 20, onFault: (fault) => faults.push(fault) })
      const registry = createClientRegistry({ store: createClientStore(database), now })
      const one = { database, feed, registry, asked: 0 }
      const counted: ClientLookup = {
        find: (id) => {
          one.asked += 1
          return registry.find(id)
        },
      }
      processes.push(
        Object.assign(one, { cached: cacheClients({ clients: counted, changes: clientChangesOf(feed), now }) }),
      )
    }
    await pollUntil(() => processes.every(({ feed }) => feed.isListening()))
  })
  afterAll(async () => {
    for (const { feed, database } of processes) {
      await feed.close()
      await database.close()
    }
    await made.remove()
  })

  const process = (index: number) => processes[index] as (typeof processes)[number]
  const nameIn = async (index: number) => (await process(index).cached.find(CLIENT_ID))?.displayName.en

  test('an update by the one is seen by the other long before any TTL', async () => {
    await process(0).registry.upsert(shop('before'))
    await pollUntil(async () => (await nameIn(1)) === 'before')
    // remembered: from some moment on the database is not asked any more
    const isRemembered = async (): Promise<boolean> => {
      const { asked } = process(1)
      await nameIn(1)
      return process(1).asked === asked
    }
    await pollUntil(isRemembered)
    await process(0).registry.upsert(shop('after'))
    await pollUntil(async () => (await nameIn(1)) === 'after', { deadlineMs: 20_000 })
    expect(await isRemembered()).toBe(true)
  })

  test('a client disabled by the one is unknown to the other', async () => {
    await process(0).registry.upsert(shop('enabled'))
    await pollUntil(async () => (await nameIn(1)) === 'enabled')
    await createClientStore(process(0).database).setDisabled(CLIENT_ID, true, now())
    await pollUntil(async () => (await nameIn(1)) === undefined, { deadlineMs: 20_000 })
    expect(await process(0).cached.find(CLIENT_ID)).toBeUndefined()
    await createClientStore(process(0).database).setDisabled(CLIENT_ID, false, now())
  })

  test('a listener whose connection is cut: the cache is bypassed, and filled again once it listens again', async () => {
    await process(0).registry.upsert(shop('heard'))
    await pollUntil(async () => (await nameIn(1)) === 'heard')
    const cut = Promise.withResolvers<undefined>()
    process(1).feed.onChange(({ kind }) => {
      if (kind === 'unknown') cut.resolve(undefined)
    })
    await made.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'sekisho changes' AND datname = current_database()`,
    )
    await cut.promise
    await made.database.query(
      `UPDATE clients SET registration = jsonb_set(registration, '{displayName,en}', '"while it was deaf"')`,
    )
    expect(await nameIn(1)).toBe('while it was deaf')
    expect(faults.length).toBeGreaterThan(0)

    await pollUntil(() => process(1).feed.isListening())
    expect(await nameIn(1)).toBe('while it was deaf')
    await process(0).registry.upsert(shop('heard again'))
    await pollUntil(async () => (await nameIn(1)) === 'heard again', { deadlineMs: 20_000 })
  })
})
