import { afterAll, describe, expect, test } from 'vitest'
import { indexAttacks, writeTestColumn } from '../../scripts/docs/attack-index.ts'
import { plantFiles } from '../support/plant-files.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const house = createTempDirectory('attacks')
afterAll(() => house.remove())

const PAGE = [
  '| # | attack | where | tests |',
  '|---|---|---|---|',
  '| 1 | a | b | — |',
  '| 2 | a | `x` | [gone](../gone) |',
  '',
].join('\n')

describe('which test tries which attack', () => {
  test.each([
    [`test('attack 1: a replay', …`, [1]],
    [`test('attacks 1, 3 and 7: all at once', …`, [1, 3, 7]],
    [`describe('attacks 4–6: a range', …`, [4, 5, 6]],
    [`test('attack 1: x'); test('attack 1: y')`, [1]],
    [`// see attack 1 of the list`, []],
    [`'-t', 'attack 1'`, []],
  ])('%s', (source, numbers) => {
    plantFiles(house.path, { 'test/unit/one.test.ts': source })
    expect([...indexAttacks(house.path, ['test/unit/one.test.ts']).keys()]).toEqual(numbers)
  })

  test('the last column is written, and nothing else', () => {
    const index = new Map([[1, ['packages/agent/test/pin.test.ts', 'test/unit/sign-in/sign-in.test.ts']]])
    const links =
      '[agent pin](../packages/agent/test/pin.test.ts) · [unit sign-in](../test/unit/sign-in/sign-in.test.ts)'
    expect(writeTestColumn(PAGE, index)).toBe(PAGE.replace('b | —', `b | ${links}`).replace('[gone](../gone)', '—'))
  })

  test('an attack that the page does not have', () => {
    expect(() => writeTestColumn(PAGE, new Map([[3, ['test/x.test.ts']]]))).toThrow(/no such attack: 3/)
  })
})
