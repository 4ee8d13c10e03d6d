import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Standing, StandingAnswer, StandingQuestion } from '../../src/oidc/find-account.ts'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createStandingStore } from '../../src/storage/standing/create-standing-store.ts'
import { pruneStandingChanges } from '../../src/storage/standing/prune-standing-changes.ts'
import { WHAT_CHANGED } from '../../src/storage/standing/standing-statements.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createMigratedPostgresDatabase } from '../support/migrated-postgres.ts'

/**
 * What a process remembers of standings is never told when it does not hold any more (docs/adr/0024): after every change, whoever made it, a store
 * that remembers says what one says that has never been asked anything.
 */
const HOUR_MS = 3600_000
const [ANN, BEN, CHO] = [randomUUID(), randomUUID(), randomUUID()] as const
const CARDS = [randomUUID(), randomUUID(), randomUUID()] as const
const SECTORS = ['one.example', 'two.example'] as const
/** Before any consent, and after. */
const GRANTED = [1_000_000_000, 4_000_000_000]

const QUESTIONS: readonly StandingQuestion[] = [ANN, BEN, CHO].flatMap((accountId) =>
  CARDS.flatMap((credentialId, place) => [
    { accountId, credentialId },
    { accountId, credentialId, sector: SECTORS[place % 2] },
    { accountId, credentialId, sector: SECTORS[0], askedFor: 'asks', grantedAt: GRANTED[place % 2] },
  ]),
)

const askAll = (store: Pick<Standing, 'find'>): Promise<readonly (StandingAnswer | undefined)[]> =>
  Promise.all(QUESTIONS.map((question) => store.find(question)))
/** Of one that remembers nothing. */
const askAnew = (database: Database) => askAll(createStandingStore(database))

type Change = (values: { readonly any: (of: readonly string[]) => string }) => string
const accounts = [ANN, BEN, CHO]
/** As stores make them, and a few by hand. */
const CHANGES: Readonly<Record<string, Change>> = {
  suspend: ({ any }) => `UPDATE accounts SET status = 'suspended' WHERE status = 'active' AND id = '${any(accounts)}'`,
  reopen: () => `UPDATE accounts SET status = 'active' WHERE status = 'suspended'`,
  'sign out': ({ any }) => {
    const id = any(accounts)
    return `UPDATE accounts SET sign_outs = sign_outs + 1 WHERE id = '${id}' OR merged_into = '${id}'`
  },
  merge: ({ any }) => {
    const [gone, left] = [any(accounts), any(accounts)]
    return gone === left
      ? 'SELECT 1'
      : `UPDATE accounts SET status = 'merged', merged_into = '${left}' WHERE id = '${gone}' OR (merged_into = '${gone}' AND id <> '${left}');
         UPDATE accounts SET status = 'active', merged_into = NULL WHERE id = '${left}'`
  },
  split: ({ any }) => `UPDATE accounts SET status = 'active', merged_into = NULL WHERE id = '${any(accounts)}'`,
  'one that was merged comes': ({ any }) => {
    const [id, into] = [randomUUID(), any(accounts)]
    return `INSERT INTO accounts (id, status, merged_into, created_at) VALUES ('${id}', 'merged', '${into}', now());
      INSERT INTO consents (account_id, client_id, scopes, claims, resource_scopes, granted_at, revoked_at) VALUES ('${id}', 'asks', '{}', '{}', '{}', now(), now())`
  },
  'move a card': ({ any }) => `UPDATE credentials SET account_id = '${any(accounts)}' WHERE id = '${any(CARDS)}'`,
  'use a card': ({ any }) => `UPDATE credentials SET last_used_at = now() WHERE id = '${any(CARDS)}'`,
  'state of a card': ({ any }) =>
    `UPDATE credentials SET status = '${any(['current', 'current', 'superseded', 'revoked', 'unlinked'])}' WHERE id = '${any(CARDS)}'`,
  'sign out a card': ({ any }) => `UPDATE credentials SET sign_outs = sign_outs + 1 WHERE id = '${any(CARDS)}'`,
  'delete a card': ({ any }) => `DELETE FROM credentials WHERE id = '${any(CARDS)}'`,
  agree: ({ any }) =>
    `INSERT INTO consents (account_id, client_id, scopes, claims, resource_scopes, granted_at) VALUES ('${any(accounts)}', 'asks', '{}', '{}', '{}', now())
     ON CONFLICT (account_id, client_id) WHERE revoked_at IS NULL DO UPDATE SET scopes = excluded.scopes`,
  withdraw: ({ any }) =>
    `UPDATE consents SET revoked_at = now() WHERE revoked_at IS NULL AND account_id = '${any(accounts)}'`,
  'one that was withdrawn comes': ({ any }) =>
    `INSERT INTO consents (account_id, client_id, scopes, claims, resource_scopes, granted_at, revoked_at) VALUES ('${any(accounts)}', 'asks', '{}', '{}', '{}', now(), now())`,
  'erase consents': ({ any }) => `DELETE FROM consents WHERE account_id = '${any(accounts)}'`,
  'empty consents': () => 'TRUNCATE consents',
  'get a name': ({ any }) =>
    `INSERT INTO subjects (account_id, sector, sub, created_at) VALUES ('${any(accounts)}', '${any(SECTORS)}', '${randomUUID()}', now()) ON CONFLICT DO NOTHING`,
  'get another name': ({ any }) => `UPDATE subjects SET sub = '${randomUUID()}' WHERE account_id = '${any(accounts)}'`,
  'lose a name': ({ any }) => `DELETE FROM subjects WHERE account_id = '${any(accounts)}'`,
  'inherit a name': ({ any }) =>
    `INSERT INTO inherited_subjects (account_id, sector, sub, at) SELECT '${any(accounts)}', sector, sub, now() FROM subjects LIMIT 1`,
  'lose what was inherited': () => 'UPDATE inherited_subjects SET undone_at = now() WHERE undone_at IS NULL',
  'a crash': () => 'TRUNCATE standing_changes, standing_memory',
  'a copy': () => `UPDATE standing_memory SET written_in = '1'`,
  'changes are lost, and the memory of them is not': ({ any }) =>
    `UPDATE accounts SET status = 'suspended' WHERE id = '${any(accounts)}'; TRUNCATE standing_changes`,
}

/** Everybody may go on, with a card, a name in each sector and a consent of their own. */
async function begin(database: Database): Promise<void> {
  for (const table of ['inherited_subjects', 'consents', 'subjects', 'credentials', 'accounts']) {
    await database.query(`DELETE FROM ${table}`)
  }
  for (const [place, id] of accounts.entries()) {
    await database.query(`INSERT INTO accounts (id, created_at) VALUES ($1, now())`, [id])
    await database.query(
      `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, status, first_seen_at)
       VALUES ($1, $2, 'card-auth', $3, 1, 'current', now())`,
      [CARDS[place], id, randomBytes(32)],
    )
    for (const sector of SECTORS) {
      await database.query('INSERT INTO subjects (account_id, sector, sub, created_at) VALUES ($1, $2, $3, now())', [
        id,
        sector,
        randomUUID(),
      ])
    }
    await database.query(
      `INSERT INTO consents (account_id, client_id, scopes, claims, resource_scopes, granted_at)
       VALUES ($1, 'asks', '{}', '{}', '{}', now())`,
      [id],
    )
  }
}

/** One transaction. What a constraint forbids has not happened. */
async function perform(client: Pick<pg.Pool, 'query'>, change: string): Promise<void> {
  await client.query(change).catch(() => undefined)
}

const step = fc.record({
  what: fc.constantFrom(...Object.keys(CHANGES), 'prune'),
  choices: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function changeOf({ what, choices }: Step): string {
  let place = 0
  const any = (of: readonly string[]): string => of[(choices[place++ % choices.length] ?? 0) % of.length] ?? ''
  return CHANGES[what]?.({ any }) ?? 'SELECT 1'
}

describe.each(DATABASES)('on $name', ({ name, createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())
  beforeEach(() => begin(made.database))

  test.each(Object.keys(CHANGES))('%s: whoever it is about', async (what) => {
    const { database } = made
    const places = name === 'PGlite' ? [0] : [0, 1, 2]
    for (const one of places) {
      for (const other of [...places, 1].slice(0, 3)) {
        await begin(database)
        const store = createStandingStore(database)
        // the first may find no memory yet
        for (let time = 0; time < 3; time++) await askAll(store)
        await perform(database.pool, changeOf({ what, choices: [one, other, one] }))
        expect(await askAll(store)).toEqual(await askAnew(database))
      }
    }
  })

  const runs = Number(process.env['SEKISHO_STANDING_RUNS'] ?? (name === 'PGlite' ? 2 : 12))

  test('after every change each process says what one says that remembers nothing; meanwhile what held before or after', async () => {
    const { database } = made
    const perform_ = async (one: Step): Promise<void> => {
      if (one.what === 'prune') await pruneStandingChanges(database, new Date(Date.now() + HOUR_MS), 1000)
      else await perform(database.pool, changeOf(one))
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), async (steps) => {
        await begin(database)
        const stores = [createStandingStore(database), createStandingStore(database)] as const
        let before = await askAnew(database)
        for (const one of steps) {
          const [, meanwhile] = await Promise.all([perform_(one), askAll(stores[0])])
          const after = await askAnew(database)
          for (const [place, answer] of meanwhile.entries()) {
            expect([before[place], after[place]]).toContainEqual(answer)
          }
          // the second has not looked for a while, now and then
          if (one.choices[0] !== undefined && one.choices[0] % 3 > 0) expect(await askAll(stores[1])).toEqual(after)
          const begun = stores[0].begin()
          expect(await askAll(begun)).toEqual(after)
          before = after
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  })

  test('a process that pruned changes would hide a change from begins anew', async () => {
    const { database } = made
    const store = createStandingStore(database)
    const question = { accountId: ANN, credentialId: CARDS[0] }
    for (let time = 0; time < 3; time++) expect(await store.find(question)).toBeDefined()
    await database.query(`UPDATE accounts SET status = 'suspended' WHERE id = $1`, [ANN])
    expect(await pruneStandingChanges(database, new Date(Date.now() + HOUR_MS), 1000)).toBeGreaterThan(0)
    expect(await store.find(question)).toBeUndefined()
  })

  test('whoever changes very many people at once makes no answer longer, and hides nobody', async () => {
    const { database } = made
    let longest = 0
    const store = createStandingStore({
      ...database,
      query: async <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => {
        const answer = await database.query<Row>(text, values)
        const [{ moved } = {}] = answer.rows as readonly { readonly moved?: readonly unknown[] }[]
        longest = Math.max(longest, moved?.length ?? 0)
        return answer
      },
    })
    const question = { accountId: ANN, credentialId: CARDS[0] }
    for (let time = 0; time < 3; time++) expect(await store.find(question)).toBeDefined()
    await database.pool.query(
      `INSERT INTO standing_changes (account_id) SELECT gen_random_uuid() FROM generate_series(1, 5000);
       UPDATE accounts SET status = 'suspended' WHERE id = '${ANN}'`,
    )
    expect(await store.find(question)).toBeUndefined()
    expect(longest).toBeGreaterThan(0)
    expect(longest).toBeLessThan(500)
  })

  test('changes are looked for by their index, also before anybody has analyzed them', async () => {
    const { database } = made
    await database.query(
      'INSERT INTO standing_changes (account_id) SELECT gen_random_uuid() FROM generate_series(1, 9000)',
    )
    const { rows } = await database.query<{ seen: string }>('SELECT pg_current_snapshot()::text AS seen')
    const plan = await database.query(`EXPLAIN ${WHAT_CHANGED}`, [rows[0]?.seen])
    expect(JSON.stringify(plan.rows)).toContain('standing_changes_in_order')
    expect(JSON.stringify(plan.rows)).not.toContain('Seq Scan on standing_changes')
  })

  test('what is young is not pruned', async () => {
    await made.database.query(`UPDATE accounts SET status = 'suspended' WHERE id = $1`, [ANN])
    expect(await pruneStandingChanges(made.database, new Date(), 1000)).toBe(0)
  })

  test('marking a card as used, a first log-in and a first name write nothing down', async () => {
    const { database } = made
    const before = await database.query('SELECT FROM standing_changes')
    const id = randomUUID()
    await database.query(`INSERT INTO accounts (id, created_at) VALUES ($1, now())`, [id])
    await database.query(
      `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, status, first_seen_at)
       VALUES ($1, $1, 'card-auth', $2, 1, 'current', now())`,
      [id, randomBytes(32)],
    )
    await database.query(`UPDATE credentials SET last_used_at = now(), handle = handle, pepper_version = 2`)
    await database.query('INSERT INTO subjects (account_id, sector, sub, created_at) VALUES ($1, $2, $2, now())', [
      id,
      id,
    ])
    const after = await database.query('SELECT FROM standing_changes')
    expect(after.rowCount).toBe(before.rowCount)
  })

  test('a yes is not read a second time, and a no always is', async () => {
    const { database } = made
    const texts: string[] = []
    const counted: Database = {
      ...database,
      query: (text, values) => {
        texts.push(text.includes('credentials') ? 'read' : text.startsWith('INSERT') ? 'begin' : 'look')
        return database.query(text, values)
      },
    }
    const store = createStandingStore(counted)
    const [yes, no] = [
      { accountId: ANN, credentialId: CARDS[0] },
      { accountId: ANN, credentialId: CARDS[1] },
    ]
    // the first may find no memory yet
    for (let time = 0; time < 3; time++) await store.find(yes)
    texts.length = 0
    await store.find(yes)
    await store.find(no)
    await store.find(no)
    expect(texts).toEqual(['look', 'read', 'read'])
    texts.length = 0
    await Promise.all([store.find(yes), store.begin().find(yes), store.find(yes)])
    expect(texts).toEqual(['look'])
  })
})

describe('transactions that end in another order than they began', () => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(DATABASES[0].createDatabase)
  })
  afterAll(() => made.remove())

  test('at random', async () => {
    const { database } = made
    const names = Object.keys(CHANGES).filter(
      (name) => !changeOf({ what: name, choices: [0, 1, 2] }).includes('TRUNCATE'),
    )
    const act = fc.oneof(
      fc.record({
        in: fc.nat(2),
        step: fc.record({
          what: fc.constantFrom(...names),
          choices: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        }),
      }),
      fc.record({ in: fc.nat(2), end: fc.constantFrom('COMMIT', 'COMMIT', 'ROLLBACK') }),
    )
    const runs = Number(process.env['SEKISHO_STANDING_RUNS'] ?? 8)
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 30 }), async (acts) => {
        await begin(database)
        const store = createStandingStore(database)
        const clients = await Promise.all([0, 1, 2].map(() => database.pool.connect()))
        const open = new Set<number>()
        try {
          for (const one of acts) {
            const client = clients[one.in]
            if (client === undefined) throw new Error('three')
            if ('end' in one) {
              await client.query(one.end)
              open.delete(one.in)
            } else {
              if (!open.has(one.in)) await client.query(`BEGIN; SET LOCAL lock_timeout = '20ms'`)
              open.add(one.in)
              await client.query('SAVEPOINT before')
              await client.query(changeOf(one.step)).catch(() => client.query('ROLLBACK TO SAVEPOINT before'))
            }
            expect(await askAll(store)).toEqual(await askAnew(database))
          }
        } finally {
          for (const client of clients) {
            await client.query('ROLLBACK')
            client.release()
          }
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  })
})

test('a copy that the same server made of the database, and that takes its place, is another history', async () => {
  const { databaseUrl, drop } = await createMigratedPostgresDatabase()
  const name = new URL(databaseUrl).pathname.slice(1)
  const admin = new pg.Client(databaseUrl.replace(name, 'postgres'))
  await admin.connect()
  const connect = () => openDatabase({ databaseUrl, maxConnections: 1 })
  let database = await connect()
  // one process goes on, whichever connections it has
  const store = createStandingStore({ ...database, query: (text, values) => database.query(text, values) })
  const exchange = async (...statements: readonly string[]): Promise<void> => {
    await database.close()
    for (const statement of statements) await admin.query(statement)
    database = await connect()
  }
  const question = { accountId: ANN, credentialId: CARDS[0] }
  try {
    await begin(database)
    for (let time = 0; time < 3; time++) await store.find(question)
    await database.query(`UPDATE accounts SET status = 'suspended' WHERE id = $1`, [ANN])
    await exchange(`CREATE DATABASE ${name}_copy TEMPLATE ${name}`)
    await database.query(`UPDATE accounts SET status = 'active' WHERE id = $1`, [ANN])
    for (let time = 0; time < 2; time++) expect(await store.find(question)).toBeDefined()
    await exchange(`DROP DATABASE ${name}`, `ALTER DATABASE ${name}_copy RENAME TO ${name}`)
    expect(await store.find(question)).toBeUndefined()
  } finally {
    await database.close()
    await admin.end()
    await drop()
  }
})
