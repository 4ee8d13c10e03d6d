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
  if (reader.nextIs(TAG.utcTime)) {
    reader.advance(TAG.utcTime)
    const year = twoDigits(reader.bytes, reader.contentStart)
    return instant(reader, year < 50 ? 2000 + year : 1900 + year, 2)
  }
  const year = readYear(reader)
  if (year < FIRST_GENERALIZED_YEAR) throw new DerFault('bad-time', reader.contentStart)
  return instant(reader, year, 4)
}

/**
 * GeneralizedTime as OCSP writes it: any year, no fractions of a second, `Z`.
 *
 * @returns milliseconds since 1970
 * @throws DerFault('bad-time')
 * @see RFC 6960 §4.2.2.1, RFC 5280 §4.1.2.5.2
 */
export function readGeneralizedTime(reader: DerReader): number {
  const year = readYear(reader)
  if (year < 1000) throw new DerFault('bad-time', reader.contentStart)
  return instant(reader, year, 4)
}

/** The year of a GeneralizedTime that the reader steps over; whether it is long enough is {@link instant}'s matter. */
function readYear(reader: DerReader): number {
  reader.advance(TAG.generalizedTime)
  const { bytes, contentStart } = reader
  return twoDigits(bytes, contentStart) * 100 + twoDigits(bytes, contentStart + 2)
}

/** `MMDDHHMMSSZ` after the digits of the year, to the end of the content. */
function instant({ bytes, contentStart, contentEnd }: DerReader, year: number, digitsOfYear: 2 | 4): number {
  const from = contentStart + digitsOfYear
  if (contentEnd !== from + 11 || bytes[from + 10] !== 0x5a) throw new DerFault('bad-time', contentStart)
  const month = twoDigits(bytes, from)
  const day = twoDigits(bytes, from + 2)
  const hour = twoDigits(bytes, from + 4)
  const minute = twoDigits(bytes, from + 6)
  const second = twoDigits(bytes, from + 8)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) throw new DerFault('bad-time', contentStart)
  if (hour > 23 || minute > 59 || second > 59) throw new DerFault('bad-time', contentStart)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 0x30
  const ones = (bytes[at + 1] ?? 0) - 0x30
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw new DerFault('bad-time', at)
  return tens * 10 + ones
}
