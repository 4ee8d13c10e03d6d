import { checkInteger } from '../../der/decode-integer.ts'
import { readGeneralizedTime } from '../../der/decode-time.ts'
import { DerFault } from '../../der/der-fault.ts'
import type { DerReader } from '../../der/der-reader.ts'
import { TAG, constructedContextTag, contextTag } from '../../der/tags.ts'
import { readExtensions, type Extension } from '../../x509/read-extensions.ts'
import { decodeReason } from '../revocation-reasons.ts'

export interface CertId {
  /** AlgorithmIdentifier as it stands. */
  readonly hashAlgorithmDer: Uint8Array
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  readonly serialNumber: Uint8Array
}

export type CertStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly at: Date; readonly reason: string | undefined }
  | { readonly status: 'unknown' }

export interface SingleResponse {
  readonly certId: CertId
  readonly certStatus: CertStatus
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
  readonly extensions: readonly Extension[]
}

/** The rest of a reader as the content of a SingleResponse. @throws DerFault @see RFC 6960 §4.2.1 */
export function readSingleResponse(single: DerReader): SingleResponse {
  const certId = readCertId(single.enter(TAG.sequence))
  const certStatus = readCertStatus(single)
  const thisUpdate = readGeneralizedTime(single)
  const explicitNext = single.tryEnter(constructedContextTag(0))
  const nextUpdate = explicitNext === undefined ? undefined : readGeneralizedTime(explicitNext)
  explicitNext?.finish()
  const explicitExtensions = single.tryEnter(constructedContextTag(1))
  const extensions = explicitExtensions === undefined ? [] : readExtensions(explicitExtensions)
  explicitExtensions?.finish()
  single.finish()
  return { certId, certStatus, thisUpdate, nextUpdate, extensions }
}

function readCertId(certId: DerReader): CertId {
  const hashAlgorithmDer = certId.readWhole(TAG.sequence)
  const issuerNameHash = certId.read(TAG.octetString)
  const issuerKeyHash = certId.read(TAG.octetString)
  const serialNumber = checkInteger(certId.read(TAG.integer))
  certId.finish()
  return { hashAlgorithmDer, issuerNameHash, issuerKeyHash, serialNumber }
}

/** `good [0]` and `unknown [2]` are IMPLICIT NULL, `revoked [1]` an IMPLICIT RevokedInfo. */
function readCertStatus(single: DerReader): CertStatus {
  const at = single.offset
  const good = single.tryRead(contextTag(0))
  if (good !== undefined) {
    if (good.length !== 0) throw new DerFault('not-conforming', at)
    return { status: 'good' }
  }
  const unknown = single.tryRead(contextTag(2))
  if (unknown !== undefined) {
    if (unknown.length !== 0) throw new DerFault('not-conforming', at)
    return { status: 'unknown' }
  }
  const revoked = single.enter(constructedContextTag(1))
  const revokedAt = readGeneralizedTime(revoked)
  const explicit = revoked.tryEnter(constructedContextTag(0))
  const reason = explicit === undefined ? undefined : decodeReason(explicit.read(TAG.enumerated))
  explicit?.finish()
  revoked.finish()
  return { status: 'revoked', at: new Date(revokedAt), reason }
}
