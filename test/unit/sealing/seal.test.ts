import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { open, seal } from '../../../src/sealing/seal.ts'

const key = createSecretKey(randomBytes(32))
const plain = Buffer.from('a serial nobody may read')

test('a box opens with its key and purpose only', () => {
  const box = seal(key, 'purpose a', plain)
  expect(open(key, 'purpose a', box)).toEqual(plain)
  expect(() => open(key, 'purpose b', box)).toThrow()
  expect(() => open(createSecretKey(randomBytes(32)), 'purpose a', box)).toThrow()
  expect(box.includes(plain)).toBe(false)
})

test('every changed bit, and every cut, is noticed', () => {
  const box = seal(key, 'p', plain)
  for (let i = 0; i < box.length; i++) {
    const changed = Buffer.from(box)
    changed.writeUInt8(changed.readUInt8(i) ^ 1, i)
    expect(() => open(key, 'p', changed)).toThrow()
    expect(() => open(key, 'p', box.subarray(0, i))).toThrow()
  }
})

test('the same text is never sealed the same way twice', () => {
  expect(seal(key, 'p', plain)).not.toEqual(seal(key, 'p', plain))
})
