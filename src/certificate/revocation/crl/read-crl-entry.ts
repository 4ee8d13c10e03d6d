import { checkPositiveInteger } from '../../der/decode-integer.ts'
import { readGeneralizedTime, readTime } from '../../der/decode-time.ts'
import { DerReader } from '../../der/der-reader.ts'
import { TAG } from '../../der/tags.ts'
import { OID } from '../../x509/oids.ts'
import { readExtensions, type Extension } from '../../x509/read-extensions.ts'
import { decodeReason } from '../revocation-reasons.ts'

export interface CrlEntry {
  readonly serialNumber: Uint8Array
  /** Milliseconds since 1970. */
  readonly revokedAt: number
  /** `Extensions` as they stand. */
  readonly extensionsDer: Uint8Array | undefined
}

/** One element of revokedCertificates. @throws DerFault @see RFC 5280 §5.1.2.6 */
export function readCrlEntry(list: DerReader): CrlEntry {
  const entry = list.enter(TAG.sequence)
  const serialNumber = checkPositiveInteger(entry.read(TAG.integer))
  const revokedAt = readTime(entry)
  const extensionsDer = entry.nextIs(TAG.sequence) ? entry.readWhole(TAG.sequence) : undefined
  entry.finish()
  return { serialNumber, revokedAt, extensionsDer }
}

export interface CrlEntryDetails {
  readonly reason: string | undefined
  /** Critical and unknown, or critical and about another issuer: the list as a whole cannot be used (RFC 5280 §5.3). */
  readonly hasUnknownCritical: boolean
}

/** @throws DerFault @see RFC 5280 §5.3 */
export function decodeEntryExtensions(extensionsDer: Uint8Array): CrlEntryDetails {
  const outer = new DerReader(extensionsDer)
  const extensions = readExtensions(outer)
  outer.finish()
  const hasUnknownCritical = extensions.some(({ oid, critical }) => critical && oid !== OID.reasonCode)
  return { reason: reasonIn(extensions), hasUnknownCritical }
}

function reasonIn(extensions: readonly Extension[]): string | undefined {
  let reason: string | undefined
  for (const { oid, value } of extensions) {
    if (oid !== OID.reasonCode && oid !== OID.invalidityDate) continue
    const reader = new DerReader(value)
    if (oid === OID.reasonCode) reason = decodeReason(reader.read(TAG.enumerated))
    else readGeneralizedTime(reader)
    reader.finish()
  }
  return reason
}
