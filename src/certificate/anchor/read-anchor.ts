import { createHash } from 'node:crypto'
import { importPublicKey } from '../algorithm/import-public-key.ts'
import { verifySignature } from '../algorithm/verify-signature.ts'
import { DerFault } from '../der/der-fault.ts'
import { sameBytes } from '../der/same-bytes.ts'
import type { CertificateProfile } from '../profile/certificate-profile.ts'
import { keyIsAllowed } from '../profile/key-rules.ts'
import { OID } from '../x509/oids.ts'
import { parseCertificate } from '../x509/parse-certificate.ts'
import type { UnverifiedCertificate } from '../x509/unverified-certificate.ts'
import type { AnchorFaultReason } from './anchor-fault.ts'
import type { AnchorFile, TrustAnchor } from './trust-anchor.ts'

/** Refused even when not critical: to ignore a constraint is to accept what the root forbids. */
const CONSTRAINTS: readonly string[] = [
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
  const certificate = parse(file.der)
  if (certificate === undefined) return 'malformed'
  const { known, extensions, publicKey } = certificate
  // RFC 5280 §6.1.4 (k), (n); that basicConstraints is critical was seen to when it was parsed
  if (known.basicConstraints?.isCa !== true) return 'not-a-ca'
  if (known.keyUsage?.includes('keyCertSign') !== true) return 'cannot-sign'
  if (extensions.some(({ oid }) => CONSTRAINTS.includes(oid))) return 'constrained'
  if (extensions.some(({ oid, critical }) => critical && !PROCESSED.includes(oid))) return 'unknown-critical-extension'
  if (known.subjectKeyId === undefined) return 'no-key-identifier'
  if (!keyIsAllowed(publicKey.shape, profile.keys)) return 'weak-key'
  const key = importPublicKey(publicKey.spkiDer)
  if (key === undefined) return 'weak-key'

  if (sameBytes(certificate.issuerNameDer, certificate.subjectNameDer)) {
    // RFC 5280 §4.2.1.1: a self-signed certificate may leave the AKI out; a wrong one is a lie
    const hasAki = extensions.some(({ oid }) => oid === OID.authorityKeyIdentifier)
    if (hasAki && !sameBytes(known.authorityKeyId ?? new Uint8Array(), known.subjectKeyId))
      return 'wrong-key-identifier'
    const verdict = verifySignature(certificate, key, profile.signatureAlgorithms)
    if (verdict === 'algorithm-not-allowed') return 'weak-signature-algorithm'
    if (verdict === 'invalid') return 'bad-self-signature'
  }
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

function parse(der: Uint8Array): UnverifiedCertificate | undefined {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerFault) return undefined
    throw error
  }
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}
