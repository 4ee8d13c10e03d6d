import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSealer } from '../../src/sealing/create-sealer.ts'
import { createKeyRotation } from '../../src/signing-key/create-key-rotation.ts'
import { loadSigningKeys } from '../../src/signing-key/load-signing-keys.ts'
import { SIGNING_ALGORITHMS } from '../../src/signing-key/signing-key-store.ts'
import { createSigningKeyStore } from '../../src/storage/signing-key-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const DAY_MS = 86_400_000
const SEALER = createSealer([Buffer.alloc(32, 7)])

describe.each(DATABASES)('signing keys on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  const load = () =>
    loadSigningKeys({
      store: createSigningKeyStore(made.database),
      sealer: SEALER,
      now: () => NOW,
    })

  test('ten processes that start at once make one key of each algorithm, and all have the same', async () => {
    const loaded = await Promise.all(Array.from({ length: 10 }, load))
    expect(new Set(loaded.map(({ keys }) => JSON.stringify(keys))).size).toBe(1)
    const { rows } = await made.database.query('SELECT algorithm, state FROM signing_keys ORDER BY algorithm')
    expect(rows).toEqual(SIGNING_ALGORITHMS.toSorted().map((algorithm) => ({ algorithm, state: 'active' })))
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

  test('attack 43: ten schedulers at once: one publishes, later one activates, and at every moment one key signs', async () => {
    await load()
    let clock = new Date(NOW.getTime() + 83 * DAY_MS)
    const store = createSigningKeyStore(made.database, 'schedule', () => clock)
    const policy = { publishAheadMs: 7 * DAY_MS, rotateEveryMs: 90 * DAY_MS, keepRetiredMs: 7 * DAY_MS }
    const rotation = createKeyRotation({ store, sealer: SEALER, policy, now: () => clock })
    const runAll = async () =>
      (await Promise.all(Array.from({ length: 10 }, () => rotation.runSchedule())))
        .flat()
        .map(({ move, algorithm }) => `${algorithm} ${move}`)
        .toSorted()
    const each = (...moves: string[]): string[] =>
      SIGNING_ALGORITHMS.flatMap((algorithm) => moves.map((move) => `${algorithm} ${move}`)).toSorted()
    expect(await runAll()).toEqual(each('published'))
    clock = new Date(NOW.getTime() + 90 * DAY_MS)
    expect(await runAll()).toEqual(each('activated', 'retired'))
    clock = new Date(NOW.getTime() + 97 * DAY_MS)
    expect(await runAll()).toEqual(each('erased'))
    const { rows } = await made.database.query(
      `SELECT state, sealed_private_jwk IS NULL AS erased, count(*)::int FROM signing_keys GROUP BY 1, 2 ORDER BY 1`,
    )
    expect(rows).toEqual([
      { state: 'active', erased: false, count: 4 },
      { state: 'retired', erased: true, count: 4 },
    ])
    // in the same transactions, each once
    const { rows: events } = await made.database.query(
      `SELECT actor, details ->> 'change' AS change, count(*)::int FROM audit_events
       WHERE type = 'signing_key.changed' GROUP BY 1, 2 ORDER BY 2`,
    )
    expect(events).toEqual(
      ['activated', 'erased', 'published', 'retired'].map((change) => ({ actor: 'schedule', change, count: 4 })),
    )
  })

  test.each([
    ['a key that signs without ever having been activated', `state = 'active', activated_at = NULL`],
    [
      'a published key without a day on which it signs',
      `state = 'published', activated_at = NULL, activates_at = NULL`,
    ],
    ['a retired key that stays for ever', `state = 'retired', retired_at = now(), published_until = NULL`],
    ['a key that signs and has no private half', 'sealed_private_jwk = NULL'],
  ])('%s is refused by the table itself', async (_name, change) => {
    await load()
    const update = `UPDATE signing_keys SET ${change} WHERE state = 'active'`
    await expect(made.database.query(update)).rejects.toMatchObject({ code: '23514' })
  })
})

test('PostgreSQL: who finds another process at it does not wait', async () => {
  const [postgres] = DATABASES
  const made = await createMigratedDatabase(postgres.createDatabase)
  try {
    const store = createSigningKeyStore(made.database)
    const nested = await store.exclusively(() => store.tryExclusively(() => Promise.resolve('mine')))
    expect(nested).toBeUndefined()
    expect(await store.tryExclusively(() => Promise.resolve('mine'))).toBe('mine')
  } finally {
    await made.remove()
  }
})
