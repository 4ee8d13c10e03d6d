import { decodeOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import type { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'
import { decodeText } from './decode-text.ts'

/** Names of JPKI have at most six attributes. */
const MAX_ATTRIBUTES = 40

export interface NameAttribute {
  readonly type: string
  /** `undefined` when the value is not one of the string types. */
  readonly text: string | undefined
}

/**
 * `Name ::= RDNSequence`, read to its end; values of string types are checked against their alphabet.
 *
 * @throws DerFault
 * @see RFC 5280 §4.1.2.4
 */
export function readName(reader: DerReader): readonly NameAttribute[] {
  const sequence = reader.enter(TAG.sequence)
  const attributes: NameAttribute[] = []
  while (!sequence.isAtEnd()) {
    const set = sequence.enter(TAG.set)
    if (set.isAtEnd()) throw new DerFault('empty-sequence', set.offset)
    let previous: Uint8Array | undefined
    while (!set.isAtEnd()) {
      const at = set.offset
      if (attributes.length === MAX_ATTRIBUTES) throw new DerFault('too-many-elements', at)
      const whole = set.readWhole(TAG.sequence)
      // X.690 §11.6: the elements of a SET OF stand in ascending order of their encodings
      if (previous !== undefined && compareBytes(previous, whole) >= 0) throw new DerFault('unsorted-set', at)
      previous = whole
      attributes.push(readAttribute(sequence, whole))
    }
  }
  return attributes
}

function readAttribute(parent: DerReader, whole: Uint8Array): NameAttribute {
  const pair = parent.over(whole).enter(TAG.sequence)
  const type = decodeOid(pair.read(TAG.oid))
  const tag = pair.peekTag() ?? 0
  const value = pair.over(pair.readAny())
  pair.finish()
  return { type, text: (tag & 0x20) === 0 ? decodeText(tag, value.read(tag)) : undefined }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
