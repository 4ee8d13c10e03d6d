import { DerFault } from './der-fault.ts'

/**
 * Content of a BIT STRING that holds whole octets: a key or a signature.
 *
 * @throws DerFault('bad-bit-string') when bits of the last octet are unused
 */
export function decodeOctetsOfBits(content: Uint8Array): Uint8Array {
  if (content.length < 2 || content[0] !== 0) throw new DerFault('bad-bit-string', 0)
  return content.subarray(1)
}

/**
 * Content of a BIT STRING with named bits as a number: bit 0 of the list is the lowest bit of the number.
 *
 * @param count how many bits have a name; others must not be set
 * @throws DerFault('bad-bit-string') when trailing zero bits are written (X.690 §11.2.2) or a nameless bit is set
 */
export function decodeNamedBits(content: Uint8Array, count: number): number {
  const unused = content[0]
  if (unused === undefined || unused > 7) throw new DerFault('bad-bit-string', 0)
  if (content.length === 1) {
    if (unused !== 0) throw new DerFault('bad-bit-string', 0)
    return 0
  }
  const last = content[content.length - 1] as number
  if ((last & ((1 << unused) - 1)) !== 0 || (last & (1 << unused)) === 0) throw new DerFault('bad-bit-string', 0)
  const length = (content.length - 1) * 8 - unused
  if (length > count || count > 31) throw new DerFault('bad-bit-string', 0)
  let bits = 0
  for (let i = 0; i < length; i++) {
    if (((content[1 + (i >> 3)] as number) & (0x80 >> (i & 7))) !== 0) bits |= 1 << i
  }
  return bits
}
