import type { KeyObject } from 'node:crypto'
import { importPublicKey } from '../../algorithm/import-public-key.ts'
import { verifySignature } from '../../algorithm/verify-signature.ts'
import type { TrustAnchor } from '../../anchor/trust-anchor.ts'
import { sameBytes } from '../../der/same-bytes.ts'
import { keyIsAllowed } from '../../profile/key-rules.ts'
import { OID } from '../../x509/oids.ts'
import { tryParseCertificate } from '../../x509/parse-certificate.ts'
import type { UnverifiedCertificate } from '../../x509/unverified-certificate.ts'
import { STATUS_SIGNATURE_ALGORITHMS } from '../status-signature-algorithms.ts'
import type { UnavailableCause } from '../unavailable-cause.ts'
import { OCSP_RESPONDER_KEYS } from './ocsp-rules.ts'

/** Critical extensions that are processed below, or say nothing that limits signing answers. */
const PROCESSED: readonly string[] = [
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.basicConstraints,
  OID.certificatePolicies,
  OID.subjectAltName,
  OID.ocspNoCheck,
]

/**
 * Whether a certificate that came with an answer may sign it for a CA (RFC 6960 §4.2.2.2). Dates are the caller's matter.
 *
 * Whether the delegate itself was revoked is not asked, with or without id-pkix-ocsp-nocheck: §4.2.2.2.1 leaves it to the client,
 * and the only one who could answer is the delegate.
 *
 * @param isNamed whether the certificate is the one the answer names; others are passed over
 * @returns undefined when it is not the one that is named
 */
export function judgeDelegate(
  der: Uint8Array,
  issuer: TrustAnchor,
  isNamed: (certificate: UnverifiedCertificate) => boolean,
): { readonly certificate: UnverifiedCertificate; readonly key: KeyObject } | UnavailableCause | undefined {
  const certificate = tryParseCertificate(der)
  if (certificate === undefined) return 'ocsp-malformed'
  if (!isNamed(certificate)) return undefined
  const { known, extensions, publicKey } = certificate

  // issued directly by the CA that issued the certificate in question
  if (!sameBytes(certificate.issuerNameDer, issuer.certificate.subjectNameDer)) return 'ocsp-wrong-signer'
  const authorityKeyId = known.authorityKeyIdentifier?.keyId
  if (authorityKeyId !== undefined && !sameBytes(authorityKeyId, issuer.keyId)) return 'ocsp-wrong-signer'
  const verdict = verifySignature(certificate, issuer.key, STATUS_SIGNATURE_ALGORITHMS)
  if (verdict === 'algorithm-not-allowed') return 'ocsp-weak-algorithm'
  if (verdict === 'invalid') return 'ocsp-wrong-signer'

  // the delegation itself
  if (known.extendedKeyUsage?.includes(OID.ocspSigning) !== true) return 'ocsp-signer-not-delegated'
  if (known.keyUsage !== undefined && !known.keyUsage.includes('digitalSignature')) return 'ocsp-signer-not-delegated'
  if (known.basicConstraints?.isCa === true) return 'ocsp-signer-not-delegated'
  if (extensions.some(({ oid, critical }) => critical && !PROCESSED.includes(oid))) return 'ocsp-signer-not-valid'

  const key = keyIsAllowed(publicKey.shape, OCSP_RESPONDER_KEYS) ? importPublicKey(publicKey) : undefined
  return key === undefined ? 'ocsp-weak-algorithm' : { certificate, key }
}
