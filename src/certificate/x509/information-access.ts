import { readOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'
import { readGeneralNames } from './read-general-names.ts'

const MAX_DESCRIPTIONS = 64

/**
 * AuthorityInfoAccess and SubjectInfoAccess: one or more descriptions, each of a method and a place. They are only held against
 * their form: an address in a certificate is never followed (attack 15).
 *
 * @throws DerFault
 * @see RFC 5280 §4.2.2
 */
export function checkInformationAccess(value: Uint8Array): void {
  const outer = new DerReader(value)
  const list = outer.enter(TAG.sequence)
  outer.finish()
  if (list.isAtEnd()) throw new DerFault('empty-sequence', 0)
  for (let count = 0; !list.isAtEnd(); count++) {
    if (count === MAX_DESCRIPTIONS) throw new DerFault('too-many-elements', list.offset)
    const description = list.enter(TAG.sequence)
    readOid(description)
    const places = readGeneralNames(description)
    if (places.length !== 1) throw new DerFault('not-conforming', description.offset)
  }
}
