import { expect, test } from 'vitest'
import { askInTurn } from '../../../src/storage/standing/ask-in-turn.ts'

/** Statements that end when they are told to. */
function statements() {
  const begun: { readonly questions: readonly number[]; end(): void; fail(): void }[] = []
  const find = askInTurn((questions: readonly number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
    const end = (): void => {
      resolve(questions.map((question) => question * 2))
    }
    const fail = (): void => {
      reject(new Error('down'))
    }
    begun.push({ questions: [...questions], end, fail })
    return promise
  })
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return { begun, find, turn }
}

test('questions of one turn are one statement, and each gets its own answer', async () => {
  const { begun, find, turn } = statements()
  const all = Promise.all([find(1), find(2), find(2)])
  await turn()
  expect(begun.map(({ questions }) => questions)).toEqual([[1, 2, 2]])
  begun[0]?.end()
  expect(await all).toEqual([2, 4, 4])
})

test('nothing is remembered: the same question of another turn is asked again', async () => {
  const { begun, find, turn } = statements()
  for (const place of [0, 1]) {
    const answer = find(1)
    await turn()
    begun[place]?.end()
    expect(await answer).toBe(2)
    await turn()
  }
  expect(begun.map(({ questions }) => questions)).toEqual([[1], [1]])
})

test('who comes while one is under way is answered by the next one alone', async () => {
  const { begun, find, turn } = statements()
  const first = find(1)
  await turn()
  let isLate = true
  const late = Promise.all([find(2), find(3), find()]).finally(() => (isLate = false))
  await turn()
  expect(begun).toHaveLength(1)
  begun[0]?.end()
  expect(await first).toBe(2)
  await turn()
  await turn()
  expect([begun.length, isLate]).toEqual([2, true])
  expect(begun[1]?.questions).toEqual([2, 3])
  begun[1]?.end()
  expect((await late).slice(0, 2)).toEqual([4, 6])
})

test('without a question a statement is begun all the same', async () => {
  const { begun, find, turn } = statements()
  const looked = find()
  await turn()
  expect(begun.map(({ questions }) => questions)).toEqual([[]])
  begun[0]?.end()
  await looked
})

test('without an answer nobody has one, and the next are asked', async () => {
  const { begun, find, turn } = statements()
  const both = Promise.allSettled([find(1), find()])
  await turn()
  const next = find(3)
  begun[0]?.fail()
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await turn()
  begun[1]?.end()
  expect(await next).toBe(6)
})
