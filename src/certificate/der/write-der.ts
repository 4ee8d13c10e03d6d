import { TAG } from './tags.ts'

/** One TLV around its parts: definite length, minimal octets. For the little that we ask, not for what we believe. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...parts])
}

export const writeSequence = (...parts: readonly Uint8Array[]): Buffer => writeDer(TAG.sequence, ...parts)

export const writeOctetString = (content: Uint8Array): Buffer => writeDer(TAG.octetString, content)

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}
