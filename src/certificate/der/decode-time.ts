import { DerFault } from './der-fault.ts'
import { TAG } from './tags.ts'
import type { DerReader } from './der-reader.ts'

const FIRST_GENERALIZED_YEAR = 2050

/**
 * `Time` of a certificate or CRL: UTCTime through 2049, GeneralizedTime from 2050 on, seconds always written, always `Z`.
 *
 * @returns milliseconds since 1970
 * @throws DerFault('bad-time')
 * @see RFC 5280 §4.1.2.5, §5.1.2.4
 */
export function readTime(reader: DerReader): number {
  const at = reader.offset
  const utc = reader.tryRead(TAG.utcTime)
  if (utc !== undefined) {
    const year = twoDigits(utc, 0, at)
    return instant(utc, year < 50 ? 2000 + year : 1900 + year, 2, at)
  }
  const content = reader.read(TAG.generalizedTime)
  const year = twoDigits(content, 0, at) * 100 + twoDigits(content, 2, at)
  if (year < FIRST_GENERALIZED_YEAR) throw new DerFault('bad-time', at)
  return instant(content, year, 4, at)
}

/**
 * GeneralizedTime as OCSP writes it: any year, no fractions of a second, `Z`.
 *
 * @returns milliseconds since 1970
 * @throws DerFault('bad-time')
 * @see RFC 6960 §4.2.2.1, RFC 5280 §4.1.2.5.2
 */
export function readGeneralizedTime(reader: DerReader): number {
  const at = reader.offset
  const content = reader.read(TAG.generalizedTime)
  const year = twoDigits(content, 0, at) * 100 + twoDigits(content, 2, at)
  if (year < 1000) throw new DerFault('bad-time', at)
  return instant(content, year, 4, at)
}

/** `MMDDHHMMSSZ` from `from` on, to the end. */
function instant(content: Uint8Array, year: number, from: number, at: number): number {
  if (content.length !== from + 11 || content[from + 10] !== 0x5a) throw new DerFault('bad-time', at)
  const month = twoDigits(content, from, at)
  const day = twoDigits(content, from + 2, at)
  const hour = twoDigits(content, from + 4, at)
  const minute = twoDigits(content, from + 6, at)
  const second = twoDigits(content, from + 8, at)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) throw new DerFault('bad-time', at)
  if (hour > 23 || minute > 59 || second > 59) throw new DerFault('bad-time', at)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function twoDigits(content: Uint8Array, from: number, at: number): number {
  const tens = (content[from] ?? 0) - 0x30
  const ones = (content[from + 1] ?? 0) - 0x30
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw new DerFault('bad-time', at)
  return tens * 10 + ones
}
