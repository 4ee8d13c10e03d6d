import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOutbox, type Outbox } from '../../src/storage/outbox.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const START = new Date('2026-11-22T03:00:00Z')
const LEASE = { limit: 100, leaseSeconds: 30 }

describe.each(DATABASES)('the outbox on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let outbox: Outbox
  let clock = START
  const after = (seconds: number): void => {
    clock = new Date(START.getTime() + seconds * 1000)
  }

  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    outbox = createOutbox({ database: made.database, now: () => clock })
  })
  beforeEach(async () => {
    clock = START
    await made.database.query('DELETE FROM outbox')
  })
  afterAll(() => made.remove())

  test('of 20 who look at once, each message has exactly 1', async () => {
    for (let number = 0; number < 10; number++) await outbox.put('letter', { number })
    const taken = await Promise.all(Array.from({ length: 20 }, () => outbox.takeDue('letter', { ...LEASE, limit: 3 })))
    const numbers = taken.flat().map(({ payload }) => (payload as { number: number }).number)
    expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('of another kind is not taken', async () => {
    await outbox.put('letter', {})
    expect(await outbox.takeDue('parcel', LEASE)).toEqual([])
  })

  test('says how many wait and how many were given up; what arrived is neither', async () => {
    for (let number = 0; number < 3; number++) await outbox.put('letter', { number })
    const [first, second] = await outbox.takeDue('letter', { ...LEASE, limit: 2 })
    await outbox.finish(first?.id ?? '')
    await outbox.fail(second?.id ?? '', 'gone', undefined)
    expect(await outbox.depth()).toEqual({ waiting: 1, givenUp: 1 })
  })

  test('one whose taker died is due again after its lease, and not before', async () => {
    await outbox.put('letter', {})
    expect(await outbox.takeDue('letter', LEASE)).toMatchObject([{ attempts: 1 }])
    after(29)
    expect(await outbox.takeDue('letter', LEASE)).toEqual([])
    after(30)
    expect(await outbox.takeDue('letter', LEASE)).toMatchObject([{ attempts: 2 }])
  })

  test('one that failed waits, and says why; one that was given up stays to be seen', async () => {
    await outbox.put('letter', {})
    const [first] = await outbox.takeDue('letter', LEASE)
    await outbox.fail(first?.id ?? '', 'nobody at home', new Date(START.getTime() + 60_000))
    after(59)
    expect(await outbox.takeDue('letter', LEASE)).toEqual([])
    after(60)
    const [second] = await outbox.takeDue('letter', LEASE)
    await outbox.fail(second?.id ?? '', 'moved away', undefined)
    after(10 * 365 * 86_400)
    expect(await outbox.takeDue('letter', LEASE)).toEqual([])
    const { rows } = await made.database.query('SELECT attempts, last_error, done_at FROM outbox')
    expect(rows).toEqual([{ attempts: 2, last_error: 'moved away', done_at: null }])
  })

  test('one that arrived is not taken again, and is cleared away', async () => {
    await outbox.put('letter', {})
    const [letter] = await outbox.takeDue('letter', LEASE)
    await outbox.finish(letter?.id ?? '')
    after(3600)
    expect(await outbox.takeDue('letter', LEASE)).toEqual([])
    expect(await outbox.deleteDone(clock, 100)).toBe(1)
    expect(await outbox.deleteDone(clock, 100)).toBe(0)
  })
})
