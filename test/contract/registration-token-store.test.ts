import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  digestRegistrationToken,
  type RegistrationTokenStore,
} from '../../src/relying-party/dynamic/registration-token.ts'
import { createRegistrationTokenStore } from '../../src/storage/registration-token-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const LATER = new Date('2026-11-23T03:00:00Z')

describe.each(DATABASES)('initial access tokens on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let store: RegistrationTokenStore
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    store = createRegistrationTokenStore(made.database)
  })
  afterAll(() => made.remove())

  const insert = async (name: string, usesLeft: number): Promise<Buffer> => {
    const digest = digestRegistrationToken(name)
    await store.insert({ digest, owner: name, usesLeft, createdAt: NOW, expiresAt: LATER })
    return digest
  }

  test('one that nobody made is not found, and gives nothing', async () => {
    const digest = digestRegistrationToken('unknown')
    expect([await store.find(digest, NOW), await store.take(digest, NOW)]).toEqual([undefined, false])
  })

  test('three uses, asked for by ten at once, are taken three times', async () => {
    const digest = await insert('three', 3)
    const taken = await Promise.all(Array.from({ length: 10 }, () => store.take(digest, NOW)))
    expect(taken.filter(Boolean)).toHaveLength(3)
    expect(await store.find(digest, NOW)).toBeUndefined()
  })

  test('to its end and no longer; looking takes nothing', async () => {
    const digest = await insert('timed', 1)
    const last = new Date(LATER.getTime() - 1)
    expect([await store.find(digest, last), await store.find(digest, last)]).toEqual([
      { owner: 'timed' },
      { owner: 'timed' },
    ])
    expect([await store.find(digest, LATER), await store.take(digest, LATER)]).toEqual([undefined, false])
    expect(await store.deleteExpired(last, 10)).toBe(0)
    expect(await store.deleteExpired(LATER, 10)).toBeGreaterThan(0)
    expect(await store.find(digest, last)).toBeUndefined()
  })
})
