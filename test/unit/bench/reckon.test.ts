import { expect, test } from 'vitest'
import { reckon } from '../../../bench/report/reckon.ts'

const costs = {
  logInMicroseconds: 3000,
  introspectionMicroseconds: 100,
  refreshMicroseconds: 500,
  logInCommands: 20,
  introspectionCommands: 1,
  refreshCommands: 4,
  kilobytesPerSession: 3,
}

test('5,000 log-ins a second of 4.5 ms with all that follows are 38 cores at 60 %, and 11 masters of Redis', () => {
  expect(reckon(costs)).toMatchObject({
    cores: 38,
    redisShards: 11,
    postgresTransactions: 5000,
    nationalQuestions: 5000,
  })
})

test('sessions of three hours take their memory together', () => {
  expect(reckon(costs).redisGigabytes).toBeCloseTo(162)
})

test('twice the cost is twice the cores', () => {
  expect(reckon({ ...costs, logInMicroseconds: 7500 }).cores).toBe(75)
})
