import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { gatherWrites } from '../../../src/storage/redis/send-together.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function recorded() {
  const pieces: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      pieces.push(chunk)
      done()
    },
    writev: (chunks, done) => {
      pieces.push(chunks.map(({ chunk }) => String(chunk)).join(''))
      done()
    },
  })
  gatherWrites(stream as never)
  return { stream, pieces }
}

test('what is written in one turn goes out in one piece, in its order', async () => {
  const { stream, pieces } = recorded()
  stream.write('a')
  await Promise.resolve()
  stream.write('b')
  expect(pieces).toEqual([])
  await turn()
  expect(pieces).toEqual(['ab'])
})

test('the next turn has a piece of its own', async () => {
  const { stream, pieces } = recorded()
  for (const command of ['a', 'b']) {
    stream.write(command)
    await turn()
  }
  expect(pieces).toEqual(['a', 'b'])
})
