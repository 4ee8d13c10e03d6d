import { describe, expect, test } from 'vitest'

import { createMovingClock } from '../src/clock/create-moving-clock.ts'
import { addDuration, parseDuration } from '../src/clock/parse-duration.ts'

describe('a duration', () => {
  test.each([
    '',
    'P',
    'PT',
    'P1',
    '1Y',
    'P-1Y',
    '-P1Y',
    'P1.5Y',
    'P1YT',
    'P1D2Y',
    'PT1D',
    'P1H',
    'p1y',
    ' P1Y',
    'P99999Y',
  ])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError)
  })

  test.each([
    ['P1Y', '2024-02-29T00:00:00.000Z', '2025-02-28T00:00:00.000Z'],
    ['P4Y', '2024-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['P1M', '2026-01-31T03:00:00.000Z', '2026-02-28T03:00:00.000Z'],
    ['P1M', '2099-12-31T00:00:00.000Z', '2100-01-31T00:00:00.000Z'],
    ['P2M', '2099-12-31T00:00:00.000Z', '2100-02-28T00:00:00.000Z'],
    ['P14M', '2026-11-22T03:00:00.000Z', '2028-01-22T03:00:00.000Z'],
    ['P2W', '2026-12-25T00:00:00.000Z', '2027-01-08T00:00:00.000Z'],
    ['P1M1D', '2026-01-31T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['PT36H', '2026-12-31T00:00:00.000Z', '2027-01-01T12:00:00.000Z'],
    ['P4Y11M8DT1H2M3S', '2026-11-22T03:00:00.000Z', '2031-10-30T04:02:03.000Z'],
    ['P0D', '2026-11-22T03:00:00.123Z', '2026-11-22T03:00:00.123Z'],
  ])('%s after %s: %s', (text, from, to) => {
    expect(addDuration(new Date(from), parseDuration(text)).toISOString()).toBe(to)
  })
})

describe('a moving clock', () => {
  const start = new Date('2026-11-22T03:00:00Z').getTime()
  const begin = (): { clock: ReturnType<typeof createMovingClock>; pass: (ms: number) => void } => {
    let beneath = start
    return {
      clock: createMovingClock(() => new Date(beneath)),
      pass: (ms) => {
        beneath += ms
      },
    }
  }

  test.each([-1, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])('does not advance by %s', (by) => {
    const { clock } = begin()
    expect(() => clock.advance(by)).toThrow(RangeError)
    expect(clock.now().getTime()).toBe(start)
  })

  test('is not set to an invalid date', () => {
    const { clock } = begin()
    expect(() => clock.setNow(new Date('tomorrow'))).toThrow(RangeError)
    expect(clock.offsetMs()).toBe(0)
  })

  test('runs on with the one beneath, from wherever it was put', () => {
    const { clock, pass } = begin()
    expect(clock.advance('P1Y').toISOString()).toBe('2027-11-22T03:00:00.000Z')
    pass(1500)
    expect(clock.now().toISOString()).toBe('2027-11-22T03:00:01.500Z')
    expect(clock.advance(500).toISOString()).toBe('2027-11-22T03:00:02.000Z')
    expect(clock.setNow(new Date('2020-01-01T00:00:00Z')).toISOString()).toBe('2020-01-01T00:00:00.000Z')
    expect(clock.offsetMs()).toBeLessThan(0)
    pass(1000)
    expect(clock.now().toISOString()).toBe('2020-01-01T00:00:01.000Z')
    expect(clock.reset().getTime()).toBe(start + 2500)
    expect(clock.offsetMs()).toBe(0)
  })
})
