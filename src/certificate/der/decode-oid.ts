import { DerFault } from './der-fault.ts'
import type { DerReader } from './der-reader.ts'
import { TAG } from './tags.ts'

/** Far above any assigned identifier; keeps the text short. */
const MAX_OID_OCTETS = 64

/** Below this an arc fits a number with seven bits to spare. */
const NUMBER_LIMIT = 2 ** 45

/** Attribute types and extensions lie below 2.5.4 and 2.5.29, one octet each: nearly all that a certificate holds. Made once. */
const textsBelow = (prefix: string): readonly string[] => Array.from({ length: 128 }, (_, arc) => `${prefix}.${arc}`)
const ATTRIBUTE_TYPES = textsBelow('2.5.4')
const EXTENSIONS = textsBelow('2.5.29')

/** The next element as an OBJECT IDENTIFIER. @param tag another one when it is IMPLICIT @throws DerFault */
export function readOid(reader: DerReader, tag: number = TAG.oid): string {
  reader.advance(tag)
  const { bytes, contentStart, contentEnd } = reader
  if (contentEnd - contentStart === 3 && bytes[contentStart] === 0x55) {
    const last = bytes[contentStart + 2] as number
    const second = bytes[contentStart + 1]
    const known = second === 0x1d ? EXTENSIONS[last] : second === 0x04 ? ATTRIBUTE_TYPES[last] : undefined
    if (known !== undefined) return known
  }
  return decodeOid(bytes, contentStart, contentEnd)
}

/**
 * Content octets of an OBJECT IDENTIFIER as dotted text.
 *
 * @throws DerFault('bad-oid') when empty, cut short, too long, or an arc has leading zeros (X.690 §8.19.2)
 */
export function decodeOid(content: Uint8Array, start = 0, end = content.length): string {
  if (start === end || end - start > MAX_OID_OCTETS) throw new DerFault('bad-oid', start)
  let text = ''
  let arc: number | bigint = 0
  let atStart = true
  for (let i = start; i < end; i++) {
    const octet = content[i] as number
    if (atStart && octet === 0x80) throw new DerFault('bad-oid', i)
    if (typeof arc === 'number') {
      arc = arc < NUMBER_LIMIT ? arc * 128 + (octet & 0x7f) : BigInt(arc) * 128n + BigInt(octet & 0x7f)
    } else {
      arc = arc * 128n + BigInt(octet & 0x7f)
    }
    atStart = octet < 0x80
    if (!atStart) continue
    // X.690 §8.19.4: the first subidentifier holds two arcs, the first of them 0, 1 or 2
    if (text !== '') text += `.${arc}`
    else if (arc < 40) text = `0.${arc}`
    else if (arc < 80) text = `1.${Number(arc) - 40}`
    else text = `2.${typeof arc === 'number' ? arc - 80 : arc - 80n}`
    arc = 0
  }
  if (!atStart) throw new DerFault('bad-oid', end)
  return text
}
