import { beforeEach, describe, expect, test } from 'vitest'
import { createBoundedCounts, type BoundedCounts } from '../../../src/storage/rate-limits/bounded-counts.ts'

const POINTS = 8
const SECONDS = 60
const MAX_KEYS = 100
let clock = 0
let counts: BoundedCounts

beforeEach(() => {
  clock = 1000
  counts = createBoundedCounts({ points: POINTS, seconds: SECONDS, maxKeys: MAX_KEYS, now: () => clock })
})

const countTimes = (key: string, times: number): number[] => Array.from({ length: times }, () => counts.count(key))
/** Many senders that ask once each. */
const flood = (senders: number, from = 0): void => {
  for (let index = 0; index < senders; index++) counts.count(`flood ${from + index}`)
}

test('so many are let through, then none until the time is over; asking counts nothing', () => {
  expect(countTimes('one', POINTS)).toEqual(Array.from({ length: POINTS }, () => 0))
  expect(counts.msLeft('one')).toBe(60_000)
  clock += 20_000
  expect(counts.count('one')).toBe(40_000)
  expect(counts.msLeft('another')).toBe(0)
  expect(counts.size).toBe(1)
  clock += 40_000
  expect(counts.msLeft('one')).toBe(0)
  expect(counts.count('one')).toBe(0)
})

test('what another place found to be over is known for so long', () => {
  counts.block('one', 5000)
  expect(counts.msLeft('one')).toBe(5000)
  expect(counts.count('one')).toBe(5000)
  clock += 5000
  expect(counts.count('one')).toBe(0)
})

describe('attack 18: a flood from more senders than there is room for', () => {
  test('takes no more room than there is', () => {
    flood(100 * MAX_KEYS)
    expect(counts.size).toBe(MAX_KEYS / 2)
  })

  test('does not open the door for whoever is over, or nearly', () => {
    countTimes('over', POINTS)
    countTimes('nearly', POINTS - 1)
    flood(100 * MAX_KEYS)
    expect(counts.msLeft('over')).toBeGreaterThan(0)
    expect(countTimes('nearly', 2)).toEqual([0, 60_000])
  })

  test('does not shut out somebody new', () => {
    flood(100 * MAX_KEYS)
    expect(countTimes('somebody', POINTS)).toEqual(Array.from({ length: POINTS }, () => 0))
    expect(counts.count('somebody')).toBeGreaterThan(0)
  })

  test('of senders that are all over keeps the newest; nobody new is shut out', () => {
    for (let index = 0; index < 2 * MAX_KEYS; index++) countTimes(`hammer ${index}`, POINTS + 1)
    expect(counts.size).toBe(MAX_KEYS / 2)
    expect(counts.msLeft(`hammer ${2 * MAX_KEYS - 1}`)).toBeGreaterThan(0)
    expect(counts.count('somebody')).toBe(0)
  })

  test('leaves no trace when its time is over', () => {
    flood(MAX_KEYS)
    countTimes('over', POINTS)
    clock += SECONDS * 1000
    counts.count('one')
    expect(counts.size).toBe(1)
  })
})
