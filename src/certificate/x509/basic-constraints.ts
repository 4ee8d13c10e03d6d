import { readBooleanDefaultFalse } from '../der/decode-boolean.ts'
import { decodeSmallInteger } from '../der/decode-integer.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'

export interface BasicConstraints {
  readonly isCa: boolean
  readonly pathLength: number | undefined
}

/** @throws DerFault also when a path length stands there without cA (RFC 5280 §4.2.1.9) */
export function decodeBasicConstraints(value: Uint8Array): BasicConstraints {
  const outer = new DerReader(value)
  const sequence = outer.enter(TAG.sequence)
  outer.finish()
  const isCa = readBooleanDefaultFalse(sequence)
  const content = sequence.tryRead(TAG.integer)
  sequence.finish()
  if (content === undefined) return { isCa, pathLength: undefined }
  if (!isCa) throw new DerFault('not-conforming', 0)
  return { isCa, pathLength: decodeSmallInteger(content) }
}
