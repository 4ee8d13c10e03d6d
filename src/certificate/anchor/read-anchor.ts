import { createHash, type KeyObject } from 'node:crypto'
import { importPublicKey } from '../algorithm/import-public-key.ts'
import { sha1 } from '../algorithm/sha1.ts'
import { verifySignature } from '../algorithm/verify-signature.ts'
import { sameBytes } from '../der/same-bytes.ts'
import type { CertificateProfile } from '../profile/certificate-profile.ts'
import { keyIsAllowed } from '../profile/key-rules.ts'
import { OID } from '../x509/oids.ts'
import { tryParseCertificate } from '../x509/parse-certificate.ts'
import type { UnverifiedCertificate } from '../x509/unverified-certificate.ts'
import type { AnchorFaultReason } from './anchor-fault.ts'
import type { AnchorFile, TrustAnchor } from './trust-anchor.ts'

/** Refused even when not critical: to ignore a constraint is to accept what the root forbids. */
const CONSTRAINTS: readonly string[] = [
  OID.extendedKeyUsage,
  OID.nameConstraints,
  OID.policyConstraints,
  OID.policyMappings,
  OID.inhibitAnyPolicy,
]

const PROCESSED: readonly string[] = [OID.basicConstraints, OID.keyUsage]

/**
 * A root certificate of any PKI as a trust anchor: what RFC 5280 demands of a CA certificate, a key identifier to choose it by,
 * and, when it names itself as issuer, a signature that its own key verifies.
 *
 * @param profile whose key and signature algorithms it must keep to
 * @returns the reason when it cannot be one
 */
export function readAnchor(file: AnchorFile, profile: CertificateProfile): TrustAnchor | AnchorFaultReason {
  const certificate = tryParseCertificate(file.der)
  if (certificate === undefined) return 'malformed'
  const { known, extensions, publicKey } = certificate
  // RFC 5280 §6.1.4 (k), (n); that basicConstraints is critical was seen to when it was parsed
  if (known.basicConstraints?.isCa !== true) return 'not-a-ca'
  if (known.keyUsage?.includes('keyCertSign') === false) return 'cannot-sign'
  if (extensions.some(({ oid }) => CONSTRAINTS.includes(oid))) return 'constrained'
  if (extensions.some(({ oid, critical }) => critical && !PROCESSED.includes(oid))) return 'unknown-critical-extension'
  if (known.subjectKeyId === undefined) return 'no-key-identifier'
  if (!keyIsAllowed(publicKey.shape, profile.keys)) return 'weak-key'
  const key = importPublicKey(publicKey)
  if (key === undefined) return 'weak-key'

  const fault = isSelfIssued(certificate)
    ? judgeSelfIssued(certificate, known.subjectKeyId, key, profile)
    : judgeIssuedByAnother(certificate)
  if (fault !== undefined) return fault
  return {
    name: file.name,
    purpose: profile.purpose,
    certificate,
    key,
    keyId: known.subjectKeyId,
    keyIdHex: Buffer.from(known.subjectKeyId).toString('hex'),
    fingerprint: createHash('sha256').update(file.der).digest('hex').toUpperCase(),
    isVirtual: false,
    nameSha1: sha1(certificate.subjectNameDer),
    keySha1: sha1(publicKey.keyOctets),
  }
}

function isSelfIssued({ issuerNameDer, subjectNameDer }: UnverifiedCertificate): boolean {
  return sameBytes(issuerNameDer, subjectNameDer)
}

/** RFC 5280 §4.2.1.1: a self-signed certificate may leave the AKI out; what it says must be true of itself. */
function judgeSelfIssued(
  certificate: UnverifiedCertificate,
  keyId: Uint8Array,
  key: KeyObject,
  profile: CertificateProfile,
): AnchorFaultReason | undefined {
  const aki = certificate.known.authorityKeyIdentifier
  if (aki !== undefined) {
    if (aki.keyId === undefined || !sameBytes(aki.keyId, keyId)) return 'wrong-key-identifier'
    const own = aki.certificate
    if (own !== undefined && !sameBytes(own.serialNumber, certificate.serialNumber)) return 'wrong-key-identifier'
  }
  switch (verifySignature(certificate, key, profile.signatureAlgorithms)) {
    case 'valid':
      return undefined
    case 'invalid':
      return 'bad-self-signature'
    case 'algorithm-not-allowed':
      return 'weak-signature-algorithm'
  }
}

/** RFC 5280 §4.2.1.1: every other certificate says which key signed it. That key is not here: whoever names the root trusts it. */
function judgeIssuedByAnother({ known }: UnverifiedCertificate): AnchorFaultReason | undefined {
  return known.authorityKeyIdentifier?.keyId === undefined ? 'no-key-identifier' : undefined
}
