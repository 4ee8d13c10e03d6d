import { describe, expect, test } from 'vitest'
import { differenceOf } from '../../../bench/judge/compare-shapes.ts'
import { describeGoal, judge } from '../../../bench/judge/goal.ts'
import { digestProfile } from '../../../bench/judge/read-profile.ts'

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

describe('a profile', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 })
  const ours = 'file:///opt/src/oidc/a.ts'
  const nodes = [frame('(idle)'), frame('a', ours), frame('b', 'file:///x/node_modules/@y/z/b.js'), frame('a', ours)]
  const profile = {
    nodes: nodes.map((callFrame, id) => ({ id, callFrame })),
    startTime: 1000,
    samples: [0, 1, 2, 3, 0],
    // each sample is at work until the next one: idle 10, a 30, b 20, a 50
    timeDeltas: [0, 10, 30, 20, 50],
  }

  test('is summed by function and package, without the time in which nothing was done', () => {
    expect(digestProfile(profile)).toEqual({
      total: 100,
      functions: [
        { where: 'a (src/oidc/a.ts:1)', microseconds: 80 },
        { where: 'b (@y/z/b.js:1)', microseconds: 20 },
      ],
      packages: [
        { where: 'src/oidc', microseconds: 80 },
        { where: '@y/z', microseconds: 20 },
      ],
    })
  })

  test.each([
    ['nothing', [], 0],
    ['before it', [{ from: 0, to: 999 }], 0],
    ['its beginning', [{ from: 0, to: 1015 }], 30],
    [
      'two parts of it',
      [
        { from: 1005, to: 1015 },
        { from: 1055, to: 2000 },
      ],
      80,
    ],
  ] as const)('is cut: %s', (_, spans, total) => {
    expect(digestProfile(profile, spans).total).toBe(total)
  })
})
