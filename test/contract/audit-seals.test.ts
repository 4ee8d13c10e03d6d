import { createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuditFinding, AuditVerification } from '../../src/audit/seal/verify-audit-log.ts'
import { verifyAuditLog } from '../../src/audit/seal/verify-audit-log.ts'
import { createAuditSealer, type AuditSealer } from '../../src/audit/seal/create-audit-sealer.ts'
import { createSealingKey } from '../../src/audit/seal/create-sealing-key.ts'
import { appendAuditEvents } from '../../src/storage/audit-log.ts'
import { createAuditSealStore } from '../../src/storage/audit-seal-store.ts'
import { createAuditReader, readAuditLog, type AuditReader } from '../../src/storage/read-audit-log.ts'
import type { Queryable } from '../../src/storage/database.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { pollUntil } from '../support/poll-until.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEYS: ReadonlyMap<string, KeyObject> = new Map([['one', publicKey]])
const sealingKey = createSealingKey({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] })

function sealerOf({ database }: TestDatabase): AuditSealer {
  return createAuditSealer({
    store: createAuditSealStore(database),
    currentKey: () => Promise.resolve(sealingKey),
    now: () => NOW,
  })
}

function append({ database }: TestDatabase, count: number, at = NOW): Promise<void> {
  const events = Array.from({ length: count }, () => ({ type: 'account.created', accountId: randomUUID() }) as const)
  return appendAuditEvents(database, events, at)
}

/** The first call looks how far the log goes; a later one seals it, when every transaction of the server that ran then has ended. */
async function sealAll(seal: () => Promise<number>, events: number): Promise<void> {
  let sealed = 0
  await pollUntil(
    async () => {
      sealed += await seal()
      return sealed >= events
    },
    { deadlineMs: 10_000, intervalMs: 20, complaint: () => `${sealed} of ${events} records were sealed` },
  )
  expect(sealed).toBe(events)
}

/** Two seals, over 1–5 and 6–9, and one record that is not sealed. */
async function writeStandingLog(made: TestDatabase): Promise<void> {
  await append(made, 5)
  await sealAll(sealerOf(made).seal, 5)
  await append(made, 4)
  await sealAll(sealerOf(made).seal, 4)
  await append(made, 1)
}

async function verifyFrom(
  reader: AuditReader,
  expectedHead?: { number: number; digest: string },
  keys = KEYS,
): Promise<AuditVerification> {
  return verifyAuditLog({
    seals: reader.seals(),
    events: reader.events(),
    tombstones: await reader.tombstones(),
    keys,
    expectedHead,
  })
}

const verify = (made: TestDatabase, ...rest: [head?: { number: number; digest: string }, keys?: typeof KEYS]) =>
  readAuditLog(made.database, (reader) => verifyFrom(reader, ...rest))

/** As somebody with every right in the database does it. */
async function tamper({ database }: TestDatabase, ...statements: readonly string[]): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query("SET LOCAL session_replication_role = 'replica'")
    for (const statement of statements) await transaction.query(statement)
  })
}

describe.each(DATABASES)('a sealed log on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    await writeStandingLog(made)
  })
  afterAll(() => made.remove())

  test('an untouched log is found untouched, and what is not sealed is said', async () => {
    expect(await verify(made)).toMatchObject({
      findings: [],
      seals: 2,
      events: 10,
      unsealed: 1,
      pruned: 0,
      head: { number: 2 },
    })
  })

  test.each<{ what: string; statements: string[]; findings: AuditFinding[] }>([
    {
      what: 'an edited column',
      statements: ["UPDATE audit_events SET client_id = 'shop' WHERE sequence = 3"],
      findings: [{ fault: 'event-edited', sequence: 3n }],
    },
    {
      what: 'a time that is a microsecond off',
      statements: ["UPDATE audit_events SET at = at + interval '1 microsecond' WHERE sequence = 7"],
      findings: [{ fault: 'event-edited', sequence: 7n }],
    },
    {
      what: 'an added detail',
      statements: [`UPDATE audit_events SET details = '{"a":1}' WHERE sequence = 1`],
      findings: [{ fault: 'event-edited', sequence: 1n }],
    },
    {
      what: 'a deleted record',
      statements: ['DELETE FROM audit_events WHERE sequence = 9'],
      findings: [{ fault: 'event-deleted', sequence: 9n }],
    },
    {
      what: 'all records of a seal deleted',
      statements: ['DELETE FROM audit_events WHERE sequence <= 5'],
      findings: [1n, 2n, 3n, 4n, 5n].map((sequence) => ({ fault: 'event-deleted', sequence })),
    },
    {
      what: 'two records that changed places',
      statements: [
        'UPDATE audit_events SET account_id = (SELECT account_id FROM audit_events WHERE sequence = CASE e.sequence WHEN 2 THEN 4 ELSE 2 END) FROM audit_events e WHERE e.sequence = audit_events.sequence AND e.sequence IN (2, 4)',
      ],
      findings: [
        { fault: 'event-moved', sequence: 2n, from: 4n },
        { fault: 'event-moved', sequence: 4n, from: 2n },
      ],
    },
    {
      what: 'a seal that is gone',
      statements: ['DELETE FROM audit_seals WHERE number = 1'],
      findings: [
        { fault: 'seal-missing', seal: 2 },
        { fault: 'seal-not-chained', seal: 2 },
        { fault: 'seal-range', seal: 2 },
        ...[1n, 2n, 3n, 4n, 5n].map((sequence) => ({ fault: 'event-inserted', sequence }) as const),
      ],
    },
    {
      what: 'a seal with another time',
      statements: ["UPDATE audit_seals SET sealed_at = sealed_at + interval '1 day' WHERE number = 2"],
      findings: [{ fault: 'seal-signature', seal: 2 }],
    },
    {
      what: 'a seal with another leaf',
      statements: ['UPDATE audit_seals SET leaves = set_byte(leaves, 20, get_byte(leaves, 20) # 1) WHERE number = 2'],
      findings: [
        { fault: 'seal-tree', seal: 2 },
        { fault: 'event-edited', sequence: 6n },
      ],
    },
    {
      what: 'a tombstone that nobody signed, with its records gone',
      statements: [
        `INSERT INTO audit_tombstones VALUES (1, 5, 'old', now(), 'one', decode(repeat('00', 64), 'hex'))`,
        'DELETE FROM audit_events WHERE sequence <= 5',
      ],
      findings: [{ fault: 'tombstone-signature', seal: 1 }],
    },
  ])('attack 42: $what is found and named', async ({ statements, findings }) => {
    const undone = new Error('as it was')
    const tampered = made.database.transaction(async (transaction) => {
      await transaction.query("SET LOCAL session_replication_role = 'replica'")
      for (const statement of statements) await transaction.query(statement)
      expect((await verifyFrom(createAuditReader(transaction))).findings).toEqual(findings)
      throw undone
    })
    await expect(tampered).rejects.toBe(undone)
  })
})

describe.each(DATABASES)('seals of the audit log on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let sealer: AuditSealer
  beforeEach(async () => {
    made = await createMigratedDatabase(createDatabase)
    sealer = sealerOf(made)
  })
  afterEach(() => made.remove())

  test('attack 42: a record put into a sealed range is found and named', async () => {
    // a number that a failed transaction left unused
    await append(made, 1)
    await made.database
      .transaction(async (transaction) => {
        await appendAuditEvents(transaction, [{ type: 'account.created', accountId: randomUUID() }], NOW)
        throw new Error('it did not happen')
      })
      .catch(() => undefined)
    await append(made, 1)
    await sealAll(sealer.seal, 2)
    expect(await verify(made)).toMatchObject({ findings: [], seals: 1, events: 2 })
    await tamper(
      made,
      `INSERT INTO audit_events (sequence, at, type, actor) OVERRIDING SYSTEM VALUE VALUES (2, now(), 'account.created', 'person')`,
    )
    expect((await verify(made)).findings).toEqual([{ fault: 'event-inserted', sequence: 2n }])
  })

  test('attack 42: a log whose end was cut off with its seal is found by the head that was noted down', async () => {
    await writeStandingLog(made)
    const { head } = await verify(made)
    await tamper(made, 'DELETE FROM audit_seals WHERE number = 2', 'DELETE FROM audit_events WHERE sequence > 5')
    expect(await verify(made)).toMatchObject({ findings: [], seals: 1 })
    expect((await verify(made, head)).findings).toEqual([{ fault: 'head-differs', seal: 2 }])
  })

  test('a seal by a key that is not known here is not believed', async () => {
    await writeStandingLog(made)
    const stranger = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    expect((await verify(made, undefined, new Map([['one', stranger]]))).findings).toEqual([
      { fault: 'seal-signature', seal: 1 },
      { fault: 'seal-signature', seal: 2 },
    ])
    expect((await verify(made, undefined, new Map())).findings).toEqual([
      { fault: 'seal-key-unknown', seal: 1 },
      { fault: 'seal-key-unknown', seal: 2 },
    ])
  })

  test('ten sealers at once write one chain and seal each record once', async () => {
    await append(made, 30)
    const sealers = Array.from({ length: 10 }, () => sealerOf(made))
    await sealAll(
      async () => (await Promise.all(sealers.map((one) => one.seal()))).reduce((sum, one) => sum + one, 0),
      30,
    )
    expect(await verify(made)).toMatchObject({ findings: [], seals: 1, events: 30, unsealed: 0 })
  })

  test('a log of two batches is sealed at one go', async () => {
    await made.database.query(
      `INSERT INTO audit_events (at, type, actor) SELECT $1, 'account.created', 'person' FROM generate_series(1, 5000)`,
      [NOW],
    )
    await sealAll(sealer.seal, 5000)
    expect(await verify(made)).toMatchObject({ findings: [], seals: 2, events: 5000 })
  })

  test('what is old goes with a tombstone, what is young stays, and the log still holds', async () => {
    const old = new Date(NOW.getTime() - 1000)
    await append(made, 3, old)
    await sealAll(sealer.seal, 3)
    await append(made, 2)
    await sealAll(sealerOf(made).seal, 2)
    expect(await sealer.prune(NOW, 'kept for a second')).toBe(3)
    expect(await sealer.prune(NOW, 'kept for a second')).toBe(0)
    expect(await verify(made)).toMatchObject({ findings: [], seals: 2, events: 2, pruned: 3 })
    await expect(made.database.query('DELETE FROM audit_events')).rejects.toThrow(/append-only/)
    await expect(made.database.query('DELETE FROM audit_tombstones')).rejects.toThrow(/append-only/)
  })
})

test('a record that commits late is waited for, never skipped', async () => {
  const made = await createMigratedDatabase(DATABASES[0].createDatabase)
  const appendOne = (to: Queryable): Promise<void> =>
    appendAuditEvents(to, [{ type: 'account.created', accountId: randomUUID() }], NOW)
  const sealer = sealerOf(made)
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
  const { promise: begun, resolve: began } = Promise.withResolvers<undefined>()
  const late = made.database.transaction(async (transaction) => {
    await appendOne(transaction)
    began(undefined)
    await held
  })
  await begun
  await appendOne(made.database)
  for (let attempt = 0; attempt < 5; attempt += 1) expect(await sealer.seal()).toBe(0)
  release(undefined)
  await late
  await pollUntil(async () => (await sealer.seal()) === 2, {
    deadlineMs: 10_000,
    intervalMs: 20,
    complaint: () => 'the two records were not sealed together',
  })
  await made.remove()
})
