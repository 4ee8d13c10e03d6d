import { expect, test } from 'vitest'
import { askTogether } from '../../../src/storage/ask-together.ts'

const asked = (): {
  readonly statements: (readonly number[])[]
  ask(questions: readonly number[]): Promise<number[]>
} => {
  const statements: (readonly number[])[] = []
  return {
    statements,
    ask: (questions) => {
      statements.push(questions)
      return Promise.resolve(questions.map((question) => question * 2))
    },
  }
}

test('questions of one turn are one statement, and each gets its own answer', async () => {
  const { statements, ask } = asked()
  const find = askTogether(ask, 10)
  expect(await Promise.all([find(1), find(2), find(2)])).toEqual([2, 4, 4])
  expect(statements).toEqual([[1, 2, 2]])
})

test('nothing is remembered: the same question of another turn is asked again', async () => {
  const { statements, ask } = asked()
  const find = askTogether(ask, 10)
  await find(1)
  await find(1)
  expect(statements).toEqual([[1], [1]])
})

test('a statement takes no more than it may', async () => {
  const { statements, ask } = asked()
  const find = askTogether(ask, 2)
  expect(await Promise.all([1, 2, 3].map(find))).toEqual([2, 4, 6])
  expect(statements).toEqual([[1, 2], [3]])
})

test('without an answer nobody has one, and the next are asked', async () => {
  let isDown = true
  const find = askTogether(
    (questions: readonly number[]) => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(questions)),
    10,
  )
  const both = await Promise.allSettled([find(1), find(2)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isDown = false
  expect(await find(3)).toBe(3)
})
