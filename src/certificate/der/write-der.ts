import { TAG } from './tags.ts'

/** One TLV around its parts: definite length, minimal octets. For the little that we ask, not for what we believe. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const head = length < 0x80 ? 2 : length < 0x100 ? 3 : 4
  if (length > 0xffff) throw new RangeError('longer than anything that is asked')
  const der = Buffer.allocUnsafe(head + length)
  der[0] = tag
  if (head > 2) der[1] = 0x80 | (head - 2)
  if (head === 4) der[2] = length >> 8
  der[head - 1] = length & 0xff
  let at = head
  for (const part of parts) {
    der.set(part, at)
    at += part.length
  }
  return der
}

export const writeSequence = (...parts: readonly Uint8Array[]): Uint8Array => writeDer(TAG.sequence, ...parts)

export const writeOctetString = (content: Uint8Array): Uint8Array => writeDer(TAG.octetString, content)
