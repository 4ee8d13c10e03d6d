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

export interface AuthorityKeyIdentifier {
  readonly keyId: Uint8Array | undefined
  /** The issuer's certificate by the name of its issuer and its number; both or neither. GeneralNames as they stand. */
  readonly certificate: { readonly issuerNames: readonly Uint8Array[]; readonly serialNumber: Uint8Array } | undefined
}

/** @throws DerFault also when only one of issuer name and serial is there (RFC 5280 §4.2.1.1, appendix A.2) */
export function decodeAuthorityKeyIdentifier(value: Uint8Array): AuthorityKeyIdentifier {
  const outer = new DerReader(value)
  const sequence = outer.enter(TAG.sequence)
  outer.finish()
  const keyId = sequence.tryRead(contextTag(0))
  const issuer = sequence.tryEnter(constructedContextTag(1))
  const issuerNames = issuer === undefined ? undefined : readGeneralNames(issuer)
  const serialNumber = sequence.tryRead(contextTag(2))
  if (serialNumber !== undefined) checkInteger(serialNumber)
  sequence.finish()
  if (keyId?.length === 0) throw new DerFault('not-conforming', 0)
  if (issuerNames === undefined || serialNumber === undefined) {
    if (issuerNames !== undefined || serialNumber !== undefined) throw new DerFault('not-conforming', 0)
    return { keyId, certificate: undefined }
  }
  return { keyId, certificate: { issuerNames, serialNumber } }
}
