import { DerFault } from './der-fault.ts'
import { TAG } from './tags.ts'
import type { DerReader } from './der-reader.ts'

/**
 * `BOOLEAN DEFAULT FALSE`: absent means false; a written FALSE is not DER (X.690 §11.5), nor is a TRUE other than FF (§11.1).
 *
 * @param tag another one when it is IMPLICIT
 * @throws DerFault
 */
export function readBooleanDefaultFalse(reader: DerReader, tag: number = TAG.boolean): boolean {
  const at = reader.offset
  const content = reader.tryRead(tag)
  if (content === undefined) return false
  if (content.length !== 1) throw new DerFault('bad-boolean', at)
  if (content[0] === 0x00) throw new DerFault('default-value-encoded', at)
  if (content[0] !== 0xff) throw new DerFault('bad-boolean', at)
  return true
}
