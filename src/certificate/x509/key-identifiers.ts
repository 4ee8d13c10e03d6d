import { checkInteger } from '../der/decode-integer.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG, constructedContextTag, contextTag } from '../der/tags.ts'
import { readGeneralNames } from './read-general-names.ts'

/** SubjectKeyIdentifier. @throws DerFault */
export function decodeSubjectKeyIdentifier(value: Uint8Array): Uint8Array {
  const reader = new DerReader(value)
  const identifier = reader.read(TAG.octetString)
  reader.finish()
  if (identifier.length === 0) throw new DerFault('not-conforming', 0)
  return identifier
}

/**
 * The key identifier of an AuthorityKeyIdentifier; `undefined` when it names the issuer by name and serial only.
 *
 * @throws DerFault also when only one of issuer name and serial is there (RFC 5280 §4.2.1.1, appendix A.2)
 */
export function decodeAuthorityKeyIdentifier(value: Uint8Array): Uint8Array | undefined {
  const outer = new DerReader(value)
  const sequence = outer.enter(TAG.sequence)
  outer.finish()
  const identifier = sequence.tryRead(contextTag(0))
  const issuer = sequence.tryEnter(constructedContextTag(1))
  if (issuer !== undefined) readGeneralNames(issuer)
  const serial = sequence.tryRead(contextTag(2))
  if (serial !== undefined) checkInteger(serial)
  sequence.finish()
  if ((issuer === undefined) !== (serial === undefined)) throw new DerFault('not-conforming', 0)
  if (identifier?.length === 0) throw new DerFault('not-conforming', 0)
  return identifier
}
