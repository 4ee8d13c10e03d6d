import { expect, test } from 'vitest'
import { watchSource } from '../../../src/main/measure/watch-source.ts'

test('a source is what its last answer was, and says since when', () => {
  let time = new Date('2026-11-22T09:00:00Z')
  const watch = watchSource(() => time)
  expect(watch.report()).toMatchObject({ state: 'ok', detail: { last_answer: null } })
  watch.heard()
  time = new Date('2026-11-22T09:01:00Z')
  watch.heard('source-timed-out')
  expect(watch.report()).toEqual({
    state: 'degraded',
    asOf: time,
    detail: { last_answer: '2026-11-22T09:00:00.000Z', cause: 'source-timed-out' },
  })
  watch.heard()
  expect(watch.report()).toEqual({ state: 'ok', asOf: time, detail: { last_answer: '2026-11-22T09:01:00.000Z' } })
})
