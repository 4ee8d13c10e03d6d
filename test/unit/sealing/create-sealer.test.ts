import { describe, expect, test } from 'vitest'
import { createSealer } from '../../../src/sealing/create-sealer.ts'

const OLD = Buffer.alloc(32, 1)
const NEW = Buffer.alloc(32, 2)
const OTHER = Buffer.alloc(32, 3)
const PLAIN = Buffer.from('private')

describe('refused', () => {
  const box = createSealer([OLD]).seal('row 1', PLAIN)

  test.each([
    ['none of its keys', createSealer([NEW, OTHER]), 'row 1', box],
    ['the purpose of another row', createSealer([OLD, NEW]), 'row 2', box],
    ['a changed box', createSealer([NEW, OLD]), 'row 1', Buffer.concat([box.subarray(0, -1), Buffer.alloc(1)])],
    ['nothing', createSealer([OLD]), 'row 1', Buffer.alloc(0)],
  ])('%s', (_name, sealer, purpose, given) => {
    expect(() => sealer.open(purpose, given)).toThrow()
    expect(sealer.isCurrent(purpose, given)).toBe(false)
  })
})

describe('attack 43: a key encryption key is changed step by step, and every process opens what every other one sealed', () => {
  const steps = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]] as const

  test.each([
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 1],
    [2, 3],
  ])('sealed in step %i, opened in step %i', (sealedIn, openedIn) => {
    const box = createSealer(steps[sealedIn] ?? [OTHER]).seal('row', PLAIN)
    expect(createSealer(steps[openedIn] ?? [OTHER]).open('row', box)).toEqual(PLAIN)
  })

  test('it can be told what an older key sealed', () => {
    const sealer = createSealer([NEW, OLD])
    expect(sealer.isCurrent('row', createSealer([OLD]).seal('row', PLAIN))).toBe(false)
    expect(sealer.isCurrent('row', sealer.seal('row', PLAIN))).toBe(true)
  })
})
