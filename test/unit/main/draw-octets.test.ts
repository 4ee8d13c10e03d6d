import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOctetSource } from '../../../src/main/draw-octets.ts'

test('whoever asks for more than it has gets nothing, and nothing is lost by it', () => {
  const draw = createOctetSource()
  expect(() => draw(4097)).toThrow(RangeError)
  expect(draw(4096)).toHaveLength(4096)
  expect(draw(0)).toHaveLength(0)
})

const wordsOf = (octets: Uint8Array): number[] => [
  ...new Uint32Array(octets.buffer, octets.byteOffset, octets.length / 4),
]

test('no octet is handed out twice, and none stays behind', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1024 }), { minLength: 1, maxLength: 12 }), (wishes) => {
      let pool = new Uint8Array()
      let word = 0
      // each word unlike every other one
      const draw = createOctetSource((filled) => {
        pool = filled as typeof pool
        new Uint32Array(filled.buffer).forEach((_empty, at, words) => {
          words[at] = ++word
        })
      })
      const drawn = wishes.flatMap((wish) => {
        const octets = draw(4 * wish)
        const words = wordsOf(octets)
        expect(words).toHaveLength(wish)
        // its own, not a window on what others get
        octets.fill(0)
        return words
      })
      const taken = new Set(drawn)
      expect(taken.size).toBe(drawn.length)
      expect(taken.has(0)).toBe(false)
      expect(wordsOf(pool).filter((left) => taken.has(left))).toEqual([])
    }),
    { numRuns: 20 },
  )
})

test('the real one does not repeat itself', () => {
  const draw = createOctetSource()
  const drawn = Array.from({ length: 1000 }, () => Buffer.from(draw(32)).toString('hex'))
  expect(new Set(drawn).size).toBe(1000)
  expect(drawn.join('')).not.toContain('0'.repeat(24))
})
