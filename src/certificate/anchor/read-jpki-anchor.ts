import { sameBytes } from '../der/same-bytes.ts'
import type { AnchorPurpose, CertificateProfile } from '../profile/certificate-profile.ts'
import { OID } from '../x509/oids.ts'
import { textOf, type NameAttribute } from '../x509/read-name.ts'
import type { AnchorFaultReason } from './anchor-fault.ts'
import { PUBLISHED_GENERATIONS } from './published-generations.ts'
import { readAnchor } from './read-anchor.ts'
import type { AnchorFile, TrustAnchor } from './trust-anchor.ts'

/** jpki.md §2.1. Whoever bears another organisation name is not the national PKI: `JPKI-VIRTUAL`, `JPKI-TEST`. */
const NATIONAL_ORGANIZATION = 'JPKI'

const PURPOSE_UNIT: Readonly<Record<AnchorPurpose, string>> = {
  authentication: 'JPKI for user authentication',
  signature: 'JPKI for digital signature',
}

/**
 * A root of JPKI, or of a stand-in with its shape. Beside what any root must be: self-signed, able to sign CRLs, an identifier that
 * is the SHA-1 of its key, a name that says its purpose, and — under JPKI's own name — a key that JPKI published.
 *
 * @param additionalKeyIds key identifiers, lower-case hexadecimal, of generations newer than this program
 */
export function readJpkiAnchor(
  file: AnchorFile,
  profile: CertificateProfile,
  additionalKeyIds: readonly string[],
): TrustAnchor | AnchorFaultReason {
  const anchor = readAnchor(file, profile)
  if (typeof anchor === 'string') return anchor
  const { certificate, keyIdHex } = anchor
  if (!sameBytes(certificate.issuerNameDer, certificate.subjectNameDer)) return 'not-self-issued'
  const usages = certificate.known.keyUsage ?? []
  if (!usages.includes('keyCertSign') || !usages.includes('cRLSign')) return 'cannot-sign'
  if (!sameBytes(anchor.keyId, anchor.keySha1)) return 'wrong-key-identifier'
  if (!valuesOf(certificate.subject, OID.organizationalUnitName).includes(PURPOSE_UNIT[profile.purpose]))
    return 'wrong-purpose'
  const [organization, ...others] = valuesOf(certificate.subject, OID.organizationName)
  if (organization === undefined || others.length > 0) return 'wrong-purpose'
  if (organization !== NATIONAL_ORGANIZATION) return { ...anchor, isVirtual: true }

  const published = PUBLISHED_GENERATIONS.find(({ keyId }) => keyId === keyIdHex)
  if (published === undefined) return additionalKeyIds.includes(keyIdHex) ? anchor : 'not-published'
  if (published.purpose !== profile.purpose) return 'wrong-purpose'
  if (published.fingerprint !== undefined && published.fingerprint !== anchor.fingerprint) return 'wrong-fingerprint'
  return anchor
}

function valuesOf(name: readonly NameAttribute[], type: string): readonly string[] {
  return name.filter((attribute) => attribute.type === type).map((attribute) => textOf(attribute) ?? '')
}
