import { verifySignature } from '../../algorithm/verify-signature.ts'
import type { TrustAnchor } from '../../anchor/trust-anchor.ts'
import { DerFault } from '../../der/der-fault.ts'
import { sameBytes } from '../../der/same-bytes.ts'
import { OID } from '../../x509/oids.ts'
import { STATUS_SIGNATURE_ALGORITHMS } from '../status-signature-algorithms.ts'
import type { UnavailableCause } from '../unavailable-cause.ts'
import { decodeIssuingDistributionPoint, type CrlScope } from './crl-scope.ts'
import { indexCrl } from './index-crl.ts'
import { parseCrl, type UnverifiedCrl } from './parse-crl.ts'

/** A list that was verified, as plain data: it crosses from the worker that loaded it without a copy. */
export interface AcceptedCrl {
  readonly issuerKeyIdHex: string
  readonly scope: CrlScope
  readonly crlNumber: bigint
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly entryCount: number
  readonly der: Uint8Array
  readonly slots: Uint32Array<ArrayBuffer>
}

/** RFC 5280 §5.2: extensions of a list that are processed when critical. */
const PROCESSED: readonly string[] = [OID.issuingDistributionPoint]

/**
 * From the bytes of a list to what may be believed of it (RFC 5280 §6.3.3). Dates are looked at when it is used, its number when it
 * takes the place of another. Never throws for what the bytes contain.
 *
 * @param issuers the anchors it may come from; chosen by key identifier and name, like the issuer of a certificate
 */
export function acceptCrl(unverifiedDer: Uint8Array, issuers: readonly TrustAnchor[]): AcceptedCrl | UnavailableCause {
  try {
    return accept(parseCrl(unverifiedDer), issuers)
  } catch (error) {
    if (error instanceof DerFault) return 'crl-malformed'
    throw error
  }
}

function accept(crl: UnverifiedCrl, issuers: readonly TrustAnchor[]): AcceptedCrl | UnavailableCause {
  // §6.3.3 (b)(1), (f): issued by the issuer of the certificates, with a key that may sign lists if it has a key usage at all
  const issuer = issuers.find((anchor) => isIssuedBy(crl, anchor))
  if (issuer === undefined) return 'crl-wrong-issuer'
  const verdict = verifySignature(crl, issuer.key, STATUS_SIGNATURE_ALGORITHMS)
  if (verdict === 'algorithm-not-allowed') return 'crl-weak-algorithm'
  if (verdict === 'invalid') return 'crl-bad-signature'
  // §5.2.4: a delta says what changed since another list, and is not a list of what is revoked
  if (crl.extensions.some(({ oid }) => oid === OID.deltaCrlIndicator)) return 'crl-delta'
  // §5.2: what is critical and unknown makes the list unusable
  if (crl.extensions.some(({ oid, critical }) => critical && !PROCESSED.includes(oid))) return 'crl-unknown-extension'
  const point = crl.extensions.find(({ oid }) => oid === OID.issuingDistributionPoint)
  const scope: CrlScope = point === undefined ? { covers: 'all' } : decodeIssuingDistributionPoint(point.value)
  if (scope.covers === 'others') return 'crl-wrong-scope'
  const { slots, entryCount, hasUnknownCritical } = indexCrl(crl)
  // §5.3: and so does a critical, unknown extension of a single entry
  if (hasUnknownCritical) return 'crl-unknown-extension'
  const { crlNumber, thisUpdate, nextUpdate, der } = crl
  return { issuerKeyIdHex: issuer.keyIdHex, scope, crlNumber, thisUpdate, nextUpdate, entryCount, der, slots }
}

function isIssuedBy(crl: UnverifiedCrl, anchor: TrustAnchor): boolean {
  return (
    crl.authorityKeyId !== undefined &&
    sameBytes(crl.authorityKeyId, anchor.keyId) &&
    sameBytes(crl.issuerNameDer, anchor.certificate.subjectNameDer) &&
    anchor.certificate.known.keyUsage?.includes('cRLSign') !== false
  )
}
