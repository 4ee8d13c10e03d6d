import { readOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import type { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'
import { checkText, decodeText } from './decode-text.ts'

/** Names of JPKI have at most six attributes. */
const MAX_ATTRIBUTES = 40

export interface NameAttribute {
  readonly type: string
  /** Identifier octet and content of the value. */
  readonly tag: number
  readonly value: Uint8Array
}

/** `undefined` when the value is not of a string type. */
export function textOf({ tag, value }: NameAttribute): string | undefined {
  return decodeText(tag, value)
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
      attributes.push(readAttribute(set.enter(TAG.sequence)))
      if (previous === undefined && set.isAtEnd()) break
      // X.690 §11.6: the elements of a SET OF stand in ascending order of their encodings
      const whole = set.since(at)
      if (previous !== undefined && Buffer.compare(previous, whole) >= 0) throw new DerFault('unsorted-set', at)
      previous = whole
    }
  }
  return attributes
}

function readAttribute(pair: DerReader): NameAttribute {
  const type = readOid(pair)
  const tag = pair.peekTag() ?? 0
  const value = pair.read(tag)
  pair.finish()
  checkText(tag, value)
  return { type, tag, value }
}
