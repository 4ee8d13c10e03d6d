import { DerFault } from './der-fault.ts'

/** Far above any assigned identifier; keeps the text short. */
const MAX_OID_OCTETS = 64

/** Below this an arc fits a number with seven bits to spare. */
const NUMBER_LIMIT = 2 ** 45

/**
 * Content octets of an OBJECT IDENTIFIER as dotted text.
 *
 * @throws DerFault('bad-oid') when empty, cut short, too long, or an arc has leading zeros (X.690 §8.19.2)
 */
export function decodeOid(content: Uint8Array): string {
  if (content.length === 0 || content.length > MAX_OID_OCTETS) throw new DerFault('bad-oid', 0)
  let text = ''
  let arc: number | bigint = 0
  let atStart = true
  for (let i = 0; i < content.length; i++) {
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
  if (!atStart) throw new DerFault('bad-oid', content.length)
  return text
}
