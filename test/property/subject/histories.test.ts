import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/storage/database.ts'
import { openDatabase } from '../../../src/storage/open-database.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../../support/databases.ts'
import { checkEverybody, histories, newReal } from './commands.ts'
import { ReferenceModel } from './reference-model.ts'

const [postgres] = DATABASES
let made: TestDatabase
let second: Database

beforeAll(async () => {
  made = await createMigratedDatabase(postgres.createDatabase)
  const { connectionString = '' } = made.database.pool.options as { connectionString?: string }
  second = await openDatabase({ databaseUrl: connectionString, maxConnections: 20 })
})
afterAll(async () => {
  await second.close()
  await made.remove()
})

/**
 * Random histories of hundreds of people: renewals, outages, times without a linkage service, log-ins at once over two processes that are
 * a step apart in changing the pepper, merges (right and wrong), splits, suspensions, cards taken out, and the undoing of each.
 */
test('attacks 37, 38, 39: nobody has two subjects at a site, no subject two people, and nothing acknowledged is lost', async () => {
  let logIns = 0
  await fc.assert(
    fc.asyncProperty(histories, async (commands) => {
      const model = new ReferenceModel()
      const real = newReal([made.database, second], randomUUID())
      await fc.asyncModelRun(() => ({ model, real }), commands)
      await checkEverybody(model, real)
      logIns += model.cards.size
    }),
    { numRuns: 25, interruptAfterTimeLimit: 40_000, endOnFailure: false },
  )
  expect(logIns).toBeGreaterThan(100)
}, 120_000)
