import { expect, test } from 'vitest'
import { examineClock } from '../../../src/main/doctor/examine-clock.ts'

const NOW = 1_800_000_000_000

test.each([
  ['the same time', NOW, 0, 'CLOCK_OK'],
  ['an answer that took long', NOW, 30_000, 'CLOCK_OK'],
  ['an HTTP date cut to the second', NOW - 999, 0, 'CLOCK_OK'],
  ['a little behind', NOW - 4_000, 0, 'CLOCK_OK'],
  ['their clock behind', NOW - 60_000, 0, 'CLOCK_OFF'],
  ['their clock ahead', NOW + 60_000, 0, 'CLOCK_OFF'],
  ['their clock ahead of an answer that took long', NOW + 60_000, 30_000, 'CLOCK_OFF'],
])('%s', (_name, theirs, tookMs, code) => {
  const found = examineClock('it', { theirs, askedAt: NOW, answeredAt: NOW + tookMs, precisionMs: 1000 })
  expect(found.code).toBe(code)
  expect(found.values?.['against']).toBe('it')
})
