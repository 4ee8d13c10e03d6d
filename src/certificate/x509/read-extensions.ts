import { readBooleanDefaultFalse } from '../der/decode-boolean.ts'
import { readOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import type { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'

/** More than any certificate, CRL or OCSP answer has; keeps the search for duplicates short. */
const MAX_EXTENSIONS = 48

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** Content of extnValue: one DER value. */
  readonly value: Uint8Array
}

/**
 * `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`, read to its end.
 *
 * @throws DerFault also when an extension stands there twice (RFC 5280 §4.2)
 */
export function readExtensions(reader: DerReader): readonly Extension[] {
  const list = reader.enter(TAG.sequence)
  if (list.isAtEnd()) throw new DerFault('empty-sequence', list.offset)
  const extensions: Extension[] = []
  while (!list.isAtEnd()) {
    const at = list.offset
    if (extensions.length === MAX_EXTENSIONS) throw new DerFault('too-many-elements', at)
    const extension = list.enter(TAG.sequence)
    const oid = readOid(extension)
    const critical = readBooleanDefaultFalse(extension)
    const value = extension.read(TAG.octetString)
    extension.finish()
    for (const earlier of extensions) if (earlier.oid === oid) throw new DerFault('duplicate-extension', at)
    extensions.push({ oid, critical, value })
  }
  return extensions
}
