import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { encodeLength, integer, integerContent, octetString, oid, sequence, time } from '../src/der/encode-der.ts'
import { DerFault, readChildren, readElement, readInteger } from '../src/der/read-der.ts'

describe('bytes that are no DER are refused', () => {
  test.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['content cut off', '3003020101'.slice(0, 8)],
    ['indefinite length', '30800000'],
    ['length of five octets', '30850000000001ff'],
    ['length octets cut off', '3082ff'],
  ])('%s', (_name, hex) => {
    expect(() => readElement(Buffer.from(hex, 'hex'))).toThrow(DerFault)
  })

  test('an empty INTEGER', () => {
    expect(() => readInteger(Buffer.alloc(0))).toThrow(DerFault)
  })

  test('any octets: an element or a DerFault, never anything else', () => {
    const read = (octets: Uint8Array): unknown => {
      try {
        return readElement(Buffer.from(octets)).whole.length <= octets.length
      } catch (fault) {
        return fault instanceof DerFault ? true : fault
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        expect(read(octets)).toBe(true)
      }),
    )
  })
})

test.each([
  [0n, '00'],
  [1n, '01'],
  [127n, '7f'],
  [128n, '0080'],
  [-1n, 'ff'],
  [-128n, '80'],
  [-129n, 'ff7f'],
  [0x2f30b12fn, '2f30b12f'],
  [0xff00_0000n, '00ff000000'],
])('INTEGER %s is %s', (value, hex) => {
  expect(integerContent(value).toString('hex')).toBe(hex)
})

test('every INTEGER is read as it was written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
      expect(readInteger(readElement(integer(value)).content)).toBe(value)
    }),
  )
})

test.each([
  [0, '00'],
  [127, '7f'],
  [128, '8180'],
  [255, '81ff'],
  [256, '820100'],
  [37_000_000, '8402349340'],
])('length %i is written in the shortest form', (length, hex) => {
  expect(encodeLength(length).toString('hex')).toBe(hex)
})

test.each([
  ['2.5.29.15', '0603551d0f'],
  ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
  ['1.2.392.200149.8.5.1.3.30', '060b2a83088c9b55080501031e'],
])('OBJECT IDENTIFIER %s', (dotted, hex) => {
  expect(oid(dotted).toString('hex')).toBe(hex)
})

test.each([
  ['2049-12-31T23:59:59.999Z', '170d3439313233313233353935395a'],
  ['2050-01-01T00:00:00Z', '180f32303530303130313030303030305a'],
])('attack 36: %s is written as UTCTime or GeneralizedTime by its year', (at, hex) => {
  expect(time(new Date(at)).toString('hex')).toBe(hex)
})

test('children are read in their order, each whole', () => {
  const parts = [integer(5), octetString(Buffer.from('card')), sequence(integer(1), integer(2))]
  const outer = readElement(sequence(...parts))
  expect(readChildren(outer.content).map(({ whole }) => whole)).toEqual(parts)
})
