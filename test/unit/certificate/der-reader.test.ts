import { describe, expect, test } from 'vitest'
import { decodeNamedBits, decodeOctetsOfBits } from '../../../src/certificate/der/decode-bits.ts'
import { readBooleanDefaultFalse } from '../../../src/certificate/der/decode-boolean.ts'
import { checkInteger, checkPositiveInteger, decodeSmallInteger } from '../../../src/certificate/der/decode-integer.ts'
import { decodeOid } from '../../../src/certificate/der/decode-oid.ts'
import { readGeneralizedTime, readTime } from '../../../src/certificate/der/decode-time.ts'
import { DerFault } from '../../../src/certificate/der/der-fault.ts'
import { DerReader } from '../../../src/certificate/der/der-reader.ts'

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
const reader = (text: string): DerReader => new DerReader(hex(text))

/** The reason of the fault, or that there was none. */
function faultOf(act: () => unknown): string {
  try {
    act()
    return 'no fault'
  } catch (error) {
    if (error instanceof DerFault) return error.reason
    throw error
  }
}

describe('what is not DER is refused with its reason', () => {
  test.each([
    ['nothing at all', '', 'truncated'],
    ['an identifier and no length', '04', 'truncated'],
    ['less content than the length says', '04 02 00', 'truncated'],
    ['a length cut short', '04 82 01', 'truncated'],
    ['a length of four gigabytes', '04 84 ff ff ff ff 00', 'truncated'],
    ['a length of five octets', '04 85 01 00 00 00 00', 'length-too-large'],
    ['the reserved length octet FF', '04 ff 00', 'length-too-large'],
    ['the indefinite form of BER', '04 80 00 00', 'indefinite-length'],
    ['the long form where the short one does', '04 81 01 00', 'length-not-minimal'],
    ['a leading zero in the length', '04 82 00 81 00', 'length-not-minimal'],
    ['a tag number of several octets', '1f 81 01 00', 'multi-byte-tag'],
    ['another type than expected', '05 00', 'unexpected-tag'],
  ])('%s', (_, octets, reason) => {
    expect(faultOf(() => reader(octets).read(0x04))).toBe(reason)
  })

  test('octets after the structure', () => {
    const outer = reader('30 00 00')
    outer.enter(0x30)
    expect(faultOf(() => outer.finish())).toBe('trailing-bytes')
  })

  test('an element that reaches past what encloses it, into octets that are there', () => {
    const inner = reader('30 02 04 01 ff').enter(0x30)
    expect(faultOf(() => inner.read(0x04))).toBe('truncated')
  })

  test('nesting without end', () => {
    const descend = (): void => {
      let at = new DerReader(nested(40))
      for (;;) at = at.enter(0x30)
    }
    expect(faultOf(descend)).toBe('too-deep')
  })

  test.each([
    ['empty', ''],
    ['its last octet says that more follow', '2a 86'],
    ['an arc with a leading zero', '2a 80 01'],
    ['longer than 64 octets', `2a${'01'.repeat(64)}`],
  ])('OBJECT IDENTIFIER: %s', (_, content) => {
    expect(faultOf(() => decodeOid(hex(content)))).toBe('bad-oid')
  })

  test.each([
    ['empty', ''],
    ['a zero octet too many', '00 7f'],
    ['an FF octet too many', 'ff 80'],
  ])('INTEGER: %s', (_, content) => {
    expect(faultOf(() => checkInteger(hex(content)))).toBe('bad-integer')
  })

  test.each([
    ['zero', '00'],
    ['negative', '80'],
    ['negative, longer', 'ff 00 01'],
  ])('INTEGER that must be positive: %s', (_, content) => {
    expect(faultOf(() => checkPositiveInteger(hex(content)))).toBe('bad-integer')
  })

  test.each([
    ['negative', 'ff'],
    ['above 2^31', '00 80 00 00 00'],
    ['of ten octets', '01 00 00 00 00 00 00 00 00 00'],
  ])('small INTEGER: %s', (_, content) => {
    expect(faultOf(() => decodeSmallInteger(hex(content)))).toBe('bad-integer')
  })

  test.each([
    ['two octets', '01 02 ff ff', 'bad-boolean'],
    ['none', '01 00', 'bad-boolean'],
    ['TRUE as BER may write it', '01 01 01', 'bad-boolean'],
    ['the default, written out', '01 01 00', 'default-value-encoded'],
  ])('BOOLEAN DEFAULT FALSE: %s', (_, octets, reason) => {
    expect(faultOf(() => readBooleanDefaultFalse(reader(octets)))).toBe(reason)
  })

  test.each([
    ['no octet for the unused bits', ''],
    ['eight unused bits', '08 80'],
    ['unused bits of nothing', '01'],
    ['an unused bit that is set', '07 c0'],
    ['trailing zero bits', '00 80'],
    ['a bit without a name', '00 00 01'],
  ])('BIT STRING with names: %s', (_, content) => {
    expect(faultOf(() => decodeNamedBits(hex(content), 9))).toBe('bad-bit-string')
  })

  test.each([
    ['unused bits', '01 80'],
    ['empty', '00'],
  ])('BIT STRING of octets: %s', (_, content) => {
    expect(faultOf(() => decodeOctetsOfBits(hex(content)))).toBe('bad-bit-string')
  })
})

describe('attack 36: times', () => {
  const utc = (text: string): DerReader => new DerReader(tlv(0x17, text))
  const generalized = (text: string): DerReader => new DerReader(tlv(0x18, text))

  test.each([
    ['UTCTime without seconds', utc('2611220000Z')],
    ['UTCTime with an offset', utc('261122000000+0900')],
    ['UTCTime without Z', utc('261122000000')],
    ['UTCTime with letters', utc('2611220000XXZ')],
    ['month 0', utc('260022000000Z')],
    ['month 13', utc('261322000000Z')],
    ['day 0', utc('261100000000Z')],
    ['31 November', utc('261131000000Z')],
    ['29 February of a year that has none', utc('270229000000Z')],
    ['hour 24', utc('261122240000Z')],
    ['minute 60', utc('261122006000Z')],
    ['second 60', utc('261231235960Z')],
    ['GeneralizedTime before 2050', generalized('20491231235959Z')],
    ['GeneralizedTime without seconds', generalized('205105171301Z')],
    ['GeneralizedTime with a fraction', generalized('20510517130100.5Z')],
    ['29 February 2100', generalized('21000229000000Z')],
  ])('%s is refused in a certificate', (_, time) => {
    expect(faultOf(() => readTime(time))).toBe('bad-time')
  })

  test.each([
    ['UTCTime 49 is 2049', utc('491231235959Z'), '2049-12-31T23:59:59Z'],
    ['UTCTime 50 is 1950', utc('500101000000Z'), '1950-01-01T00:00:00Z'],
    ['a leap day', utc('280229145959Z'), '2028-02-29T14:59:59Z'],
    ['the leap day of 2000', utc('000229000000Z'), '2000-02-29T00:00:00Z'],
    ['GeneralizedTime from 2050 on', generalized('20500101000000Z'), '2050-01-01T00:00:00Z'],
    ['no end (RFC 5280 §4.1.2.5)', generalized('99991231235959Z'), '9999-12-31T23:59:59Z'],
  ])('%s', (_, time, expected) => {
    expect(readTime(time)).toBe(Date.parse(expected))
  })

  test('OCSP writes GeneralizedTime in any year, without fractions', () => {
    expect(readGeneralizedTime(generalized('20261122030000Z'))).toBe(Date.parse('2026-11-22T03:00:00Z'))
    expect(faultOf(() => readGeneralizedTime(generalized('20261122030000.1Z')))).toBe('bad-time')
    expect(faultOf(() => readGeneralizedTime(generalized('02261122030000Z')))).toBe('bad-time')
  })
})

describe('what is DER is read', () => {
  test.each([
    ['2a 86 48 86 f7 0d 01 01 0b', '1.2.840.113549.1.1.11'],
    ['55 1d 20 00', '2.5.29.32.0'],
    ['00', '0.0'],
    ['27', '0.39'],
    ['4f', '1.39'],
    ['50', '2.0'],
    ['88 37', '2.999'],
    ['69 83 ad fc 97 fb b6 aa e0 ad f6 ed d0 e1 b5 f9 bf fe 7f', '2.25.2232532984468320172539187847341539199'],
  ])('OBJECT IDENTIFIER %s', (content, text) => {
    expect(decodeOid(hex(content))).toBe(text)
  })

  test('named bits come out lowest first', () => {
    expect(decodeNamedBits(hex('07 80'), 9)).toBe(0b1)
    expect(decodeNamedBits(hex('06 c0'), 9)).toBe(0b11)
    expect(decodeNamedBits(hex('01 06'), 9)).toBe(0b110_0000)
    expect(decodeNamedBits(hex('07 00 80'), 9)).toBe(0b1_0000_0000)
  })

  test('a long length, to its last octet', () => {
    const content = Buffer.alloc(300, 7)
    const whole = Buffer.concat([hex('04 82 01 2c'), content])
    const value = new DerReader(whole)
    expect(Buffer.from(value.read(0x04)).equals(content)).toBe(true)
    expect(value.isAtEnd()).toBe(true)
  })
})

function tlv(tag: number, text: string): Uint8Array {
  return Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)])
}

function nested(depth: number): Uint8Array {
  let der: Buffer = Buffer.alloc(0)
  for (let i = 0; i < depth; i++) der = Buffer.concat([Buffer.from([0x30, der.length]), der])
  return der
}
