import { DerFault } from '../der/der-fault.ts'
import { OID } from './oids.ts'
import type { UnverifiedCertificate } from './unverified-certificate.ts'

/** RFC 5280 §4.2.1.1, .2, §4.2.2.1, .2, §4.2.1.15: conforming CAs MUST mark these as non-critical. */
const NEVER_CRITICAL: readonly string[] = [
  OID.authorityKeyIdentifier,
  OID.subjectKeyIdentifier,
  OID.authorityInfoAccess,
  OID.subjectInfoAccess,
  OID.freshestCrl,
]

/** RFC 5280 §4.2.1.10, .11, .14: conforming CAs MUST mark these as critical. */
const ALWAYS_CRITICAL: readonly string[] = [OID.nameConstraints, OID.policyConstraints, OID.inhibitAnyPolicy]

/** RFC 5280 §4.1.2.2. The content octets, so a leading zero octet counts. */
const MAX_SERIAL_OCTETS = 20

/**
 * Rules of the profile that concern one certificate by itself, whatever it is used for.
 *
 * @throws DerFault('not-conforming')
 */
export function assertConforming(certificate: UnverifiedCertificate): void {
  const { basicConstraints, keyUsage } = certificate.known
  if (certificate.serialNumber.length > MAX_SERIAL_OCTETS) fail()
  // §4.1.2.4: the issuer field MUST contain a non-empty distinguished name
  if (certificate.issuer.length === 0) fail()
  // §4.1.2.6, §4.2.1.6: subjectAltName is critical when the subject is empty, and only then; a CA has a subject
  const hasEmptySubject = certificate.subject.length === 0
  const alternative = certificate.extensions.find(({ oid }) => oid === OID.subjectAltName)
  if ((alternative?.critical ?? false) !== hasEmptySubject) fail()
  if (hasEmptySubject && basicConstraints?.isCa === true) fail()
  for (const { oid, critical } of certificate.extensions) {
    if (critical ? NEVER_CRITICAL.includes(oid) : ALWAYS_CRITICAL.includes(oid)) fail()
    // §4.2.1.9: in a CA certificate basicConstraints MUST be critical
    if (oid === OID.basicConstraints && basicConstraints?.isCa === true && !critical) fail()
  }
  // §4.2.1.3: keyCertSign demands cA; §4.2.1.9: a path length demands keyCertSign
  const signsCertificates = keyUsage?.includes('keyCertSign') ?? false
  if (signsCertificates && basicConstraints?.isCa !== true) fail()
  if (basicConstraints?.pathLength !== undefined && keyUsage !== undefined && !signsCertificates) fail()
}

function fail(): never {
  throw new DerFault('not-conforming', 0)
}
