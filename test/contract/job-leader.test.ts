import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createJobLeader } from '../../src/storage/job-leader.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'

describe.each(DATABASES)('the leader of a job on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  test('does the work, with the database at hand, and passes on what it throws', async () => {
    const leader = createJobLeader(made.database)
    let answer: unknown
    const work = async () => {
      answer = (await made.database.query('SELECT 1 AS one')).rows[0]
    }
    expect(await leader.lead('cleaning', work)).toBe(true)
    expect(answer).toEqual({ one: 1 })
    await expect(leader.lead('cleaning', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await leader.lead('cleaning', work)).toBe(true)
  })
})

describe('of several processes on PostgreSQL', () => {
  let postgres: PostgresDatabase
  beforeAll(async () => {
    postgres = await createPostgresDatabase()
  })
  afterAll(() => postgres.drop())

  test('one at a time does it, and the next may when it is done', async () => {
    const databases = await Promise.all(
      Array.from({ length: 3 }, () => openDatabase({ databaseUrl: postgres.databaseUrl, maxConnections: 2 })),
    )
    const [first, ...others] = databases.map(createJobLeader)
    const begun = Promise.withResolvers<undefined>()
    const mayEnd = Promise.withResolvers<undefined>()
    const leading = first?.lead('cleaning', () => {
      begun.resolve(undefined)
      return mayEnd.promise
    })
    await begun.promise
    const fail = () => Promise.reject(new Error('two leaders'))
    expect(await Promise.all(others.map((other) => other.lead('cleaning', fail)))).toEqual([false, false])
    mayEnd.resolve(undefined)
    expect(await leading).toBe(true)
    expect(await others[0]?.lead('cleaning', () => Promise.resolve())).toBe(true)
    await Promise.all(databases.map((database) => database.close()))
  })
})
