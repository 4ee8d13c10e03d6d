import { readOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'

const MAX_PURPOSES = 64

/** Purposes as dotted identifiers (RFC 5280 §4.2.1.12). @throws DerFault */
export function decodeExtendedKeyUsage(value: Uint8Array): readonly string[] {
  const outer = new DerReader(value)
  const sequence = outer.enter(TAG.sequence)
  outer.finish()
  if (sequence.isAtEnd()) throw new DerFault('empty-sequence', 0)
  const purposes: string[] = []
  while (!sequence.isAtEnd()) {
    if (purposes.length === MAX_PURPOSES) throw new DerFault('too-many-elements', sequence.offset)
    purposes.push(readOid(sequence))
  }
  return purposes
}
