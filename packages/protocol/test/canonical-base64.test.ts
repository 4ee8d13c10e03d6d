import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCanonicalBase64 } from '../src/canonical-base64.ts'

/** The same as a grammar: groups of four, at the end perhaps one of two or three whose spare bits are zero (RFC 4648 §3.5). */
const GRAMMAR = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/

const alphabet = fc.constantFrom(...Array.from('ABCQRgwxz059+/='), '-', '_', ' ', '\n', '\0', 'é', '\u{1F0A1}')

test('says what the grammar says, of anything', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: alphabet, maxLength: 12 }), fc.string({ unit: 'binary' })), (text) => {
      expect(isCanonicalBase64(text)).toBe(GRAMMAR.test(text))
    }),
    { numRuns: 1000 },
  )
})

test('takes what is written so, and nothing that differs from it in one character', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), alphabet, (octets, at, other) => {
      const text = Buffer.from(octets).toString('base64')
      expect(isCanonicalBase64(text)).toBe(true)
      const place = at % (text.length + 1)
      for (const changed of [
        text.slice(0, place) + other + text.slice(place),
        text.slice(0, place) + other + text.slice(place + 1),
        text.slice(0, place) + text.slice(place + 1),
      ]) {
        expect(isCanonicalBase64(changed)).toBe(GRAMMAR.test(changed))
      }
    }),
  )
})
