import { describe, expect, test } from 'vitest'
import { fitLine, medianOf, percentileOf, ratiosOf, spreadOf } from '../../../bench/judge/statistics.ts'

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, median) => {
  expect(medianOf(values)).toBe(median)
})

test('nothing has no median', () => {
  expect(medianOf([])).toBeNaN()
})

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0.001, 1],
])('of the numbers from 1 to 100, a share of %d does not exceed %d', (share, value) => {
  expect(
    percentileOf(
      Array.from({ length: 100 }, (_, index) => 100 - index),
      share,
    ),
  ).toBe(value)
})

test('a ratio is taken round by round, not of the medians', () => {
  expect(ratiosOf([10, 40, 30], [10, 20, 10])).toEqual({ median: 2, least: 1, most: 3 })
})

test('a spread has its ends', () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, least: 1, most: 9 })
})

describe('a line through points', () => {
  test('of a straight line is that line', () => {
    const { slope, standardError } = fitLine([0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x })))
    expect([slope, standardError]).toEqual([2, 0])
  })

  test('of a flat one with noise has a slope within its error', () => {
    const { slope, standardError } = fitLine([1, -1, 1, -1, 1, -1, 1].map((y, x) => ({ x, y })))
    expect(Math.abs(slope)).toBeLessThan(2 * standardError)
  })

  test('of two points is sure of nothing', () => {
    expect(
      fitLine([
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ]).standardError,
    ).toBe(Number.POSITIVE_INFINITY)
  })
})
