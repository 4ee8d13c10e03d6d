import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  digestHandOverCode,
  formatHandOverCode,
  HAND_OVER_OCTETS,
  parseHandOverCode,
} from '../../../src/subject/hand-over/hand-over-code.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const octets = fc.uint8Array({ minLength: HAND_OVER_OCTETS, maxLength: HAND_OVER_OCTETS })
const mistyped = (code: string): readonly number[] => {
  const parsed = parseHandOverCode(code)
  return 'code' in parsed ? [] : parsed.mistypedGroups
}

describe('hand-over codes', () => {
  test.each(['', 'ABCDE', 'ABCDE-ABCDE-ABCDE', '0'.repeat(21), '😀'.repeat(20), 'Ｕ'.repeat(20)])(
    '%j cannot be one in any group',
    (typed) => {
      expect(mistyped(typed)).toEqual([1, 2, 3, 4])
    },
  )

  test('any one wrong character is noticed, and its group named', () => {
    fc.assert(
      fc.property(octets, fc.nat(19), fc.nat(30), (random, place, shift) => {
        const characters = Array.from(formatHandOverCode(random).replaceAll('-', ''))
        const was = ALPHABET.indexOf(characters[place] ?? '')
        characters[place] = ALPHABET.charAt((was + 1 + shift) % 32)
        expect(mistyped(characters.join(''))).toEqual([Math.floor(place / 5) + 1])
      }),
    )
  })

  test('any two characters of a group that changed places are noticed', () => {
    fc.assert(
      fc.property(octets, fc.nat(3), fc.nat(4), fc.nat(4), (random, group, one, other) => {
        const characters = Array.from(formatHandOverCode(random).replaceAll('-', ''))
        const [left, right] = [group * 5 + one, group * 5 + other]
        fc.pre(characters[left] !== characters[right])
        ;[characters[left], characters[right]] = [characters[right] ?? '', characters[left] ?? '']
        expect(mistyped(characters.join(''))).toEqual([group + 1])
      }),
    )
  })

  test('two groups that changed places are noticed', () => {
    const groups = formatHandOverCode(randomBytes(HAND_OVER_OCTETS)).split('-')
    expect(mistyped([groups[1], groups[0], groups[2], groups[3]].join('-'))).toEqual([1, 2])
  })

  test('is read as people write it', () => {
    fc.assert(
      fc.property(octets, (random) => {
        const code = formatHandOverCode(random)
        expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/)
        for (const typed of [
          code.toLowerCase(),
          code.replaceAll('-', ' '),
          ` ${code.replaceAll('-', '—')}\n`,
          code.replaceAll('0', 'o').replaceAll('1', 'l'),
          code.replaceAll('1', 'I'),
          code.replace(/[!-~]/g, (character) => String.fromCodePoint(character.codePointAt(0)! + 0xfee0)),
        ]) {
          expect(parseHandOverCode(typed)).toEqual({ code })
        }
      }),
    )
  })

  test('different octets give different codes, and all eighty bits count', () => {
    fc.assert(
      fc.property(octets, fc.nat(79), (random, bit) => {
        const other = Uint8Array.from(random)
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(formatHandOverCode(other)).not.toBe(formatHandOverCode(random))
        expect(digestHandOverCode(formatHandOverCode(other))).not.toEqual(
          digestHandOverCode(formatHandOverCode(random)),
        )
      }),
    )
  })

  test('too little randomness is a fault of ours', () => {
    expect(() => formatHandOverCode(new Uint8Array(9))).toThrow(RangeError)
  })
})
