import { expect, test } from 'vitest'
import { differenceOf } from '../../../bench/judge/compare-shapes.ts'
import { describeGoal, judge } from '../../../bench/judge/goal.ts'
import { topLinesOf } from '../../../bench/judge/read-profile.ts'

const less = { name: 'CPU', bound: 'at most', target: 0.5, unit: '×' } as const
const more = { name: 'throughput', bound: 'at least', target: 2, unit: '×' } as const

test.each([
  [less, 0.25, true, 2],
  [less, 0.5, true, 1],
  [less, 1, false, 0.5],
  [{ ...less, target: 0 }, 0, true, 1],
  [{ ...less, target: 0 }, 3, false, 0.001],
  [more, 4, true, 2],
  [more, 2, true, 1],
  [more, 1, false, 0.5],
])('%o at %d: met %s, by a factor of %d', (goal, value, met, factor) => {
  expect(judge(goal, value)).toMatchObject({ value, met, factor })
})

test.each([[undefined], [Number.NaN]])('a value of %s meets nothing', (value) => {
  expect(judge(less, value)).toMatchObject({ value: null, met: false, factor: null })
})

test('a goal that is missed is said to be missed, and by how much', () => {
  expect(describeGoal(judge(less, 1))).toMatch(/^NOT MET .*CPU: 1 × \(at most 0.5 ×; 2 × off\)$/)
})

test('answers are compared by what they consist of, not by their values', () => {
  const one = { active: true, exp: 1, cert: { status: 'good' } }
  expect(differenceOf(one, { exp: 2, active: true, cert: { status: 'unchecked' } })).toEqual({ missing: [], added: [] })
  expect(differenceOf(one, { active: 'true', exp: 1, cert: { status: 'good', at: 1 } })).toEqual({
    missing: ['active: boolean'],
    added: ['active: string', 'cert.at: number'],
  })
})

test('a profile is summed by function, without the time in which nothing was done', () => {
  const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 })
  const nodes = ['(idle)', 'a', 'b', 'a'].map((name, id) => ({ id, callFrame: frame(name) }))
  expect(topLinesOf({ nodes, samples: [0, 1, 2, 3], timeDeltas: [1000, 30, 20, 50] }, 2)).toEqual([
    { where: 'a', share: 0.8 },
    { where: 'b', share: 0.2 },
  ])
})
