import { decodeNamedBits } from '../der/decode-bits.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'

/** RFC 5280 §4.2.1.3, lowest bit first. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

/** @throws DerFault also when no bit is set */
export function decodeKeyUsage(value: Uint8Array): readonly KeyUsage[] {
  const reader = new DerReader(value)
  const bits = decodeNamedBits(reader.read(TAG.bitString), KEY_USAGES.length)
  reader.finish()
  if (bits === 0) throw new DerFault('not-conforming', 0)
  return KEY_USAGES.filter((_, index) => (bits & (1 << index)) !== 0)
}
