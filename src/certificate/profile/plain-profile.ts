import { OID } from '../x509/oids.ts'
import type { AnchorPurpose, CertificateProfile } from './certificate-profile.ts'
import { EC_P256, EC_P384, RSA_2048_TO_4096 } from './key-rules.ts'

/** Room for the certificates of outside test suites; still bounded. */
const MAX_BYTES = 256 * 1024

/**
 * No rules of JPKI: path, validity, signature, constraints and revocation only, for one tier below a given anchor
 * (`certificate check --profile none`).
 */
export function plainProfile(purpose: AnchorPurpose): CertificateProfile {
  return {
    name: 'none',
    purpose,
    maxBytes: MAX_BYTES,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    acceptedPolicies: undefined,
    phonePolicies: [],
    otherPurposePolicies: [],
    processedExtensions: [
      OID.keyUsage,
      OID.basicConstraints,
      OID.extendedKeyUsage,
      OID.certificatePolicies,
      OID.subjectAltName,
      OID.crlDistributionPoints,
    ],
    subject: undefined,
    keys: [RSA_2048_TO_4096, EC_P256, EC_P384],
    signatureAlgorithms: ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'],
  }
}
