import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCrlNumberStore } from '../../src/storage/crl-number-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'

describe.each(DATABASES)('attack 34: numbers of revocation lists on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  test('they are remembered, and only rise, whoever writes last', async () => {
    const [one, other] = [createCrlNumberStore(made.database), createCrlNumberStore(made.database)]
    expect(await one.read()).toEqual({})
    const largest = 2n ** 159n - 1n
    await one.write({ aa: 5n, 'aa bb': largest })
    await other.write({ aa: 4n, cc: 0n })
    expect(await createCrlNumberStore(made.database).read()).toEqual({ aa: 5n, 'aa bb': largest, cc: 0n })
    await Promise.all(Array.from({ length: 20 }, (_, number) => other.write({ aa: BigInt(number) })))
    expect((await one.read())['aa']).toBe(19n)
    await one.write({})
    expect((await one.read())['cc']).toBe(0n)
  })
})
