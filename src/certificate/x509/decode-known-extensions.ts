import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'
import { decodeBasicConstraints, type BasicConstraints } from './basic-constraints.ts'
import { decodeCertificatePolicies, type CertificatePolicies } from './certificate-policies.ts'
import { decodeCrlDistributionPoints, type DistributionPoint } from './crl-distribution-points.ts'
import { decodeExtendedKeyUsage } from './extended-key-usage.ts'
import {
  decodeAuthorityKeyIdentifier,
  decodeSubjectKeyIdentifier,
  type AuthorityKeyIdentifier,
} from './key-identifiers.ts'
import { decodeKeyUsage, type KeyUsage } from './key-usage.ts'
import { OID } from './oids.ts'
import type { Extension } from './read-extensions.ts'
import { checkInformationAccess } from './information-access.ts'
import { readGeneralNames } from './read-general-names.ts'

/** Extensions of a certificate whose meaning some check needs. Everything else stays in the list of extensions. */
export interface KnownExtensions {
  basicConstraints: BasicConstraints | undefined
  keyUsage: readonly KeyUsage[] | undefined
  extendedKeyUsage: readonly string[] | undefined
  certificatePolicies: CertificatePolicies | undefined
  authorityKeyIdentifier: AuthorityKeyIdentifier | undefined
  subjectKeyId: Uint8Array | undefined
  distributionPoints: readonly DistributionPoint[] | undefined
}

/**
 * Decodes what is known, so that a malformed known extension is refused whether or not a check looks at it.
 *
 * @throws DerFault
 */
export function decodeKnownExtensions(extensions: readonly Extension[]): Readonly<KnownExtensions> {
  const known: KnownExtensions = {
    basicConstraints: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    certificatePolicies: undefined,
    authorityKeyIdentifier: undefined,
    subjectKeyId: undefined,
    distributionPoints: undefined,
  }
  for (const { oid, value } of extensions) {
    switch (oid) {
      case OID.basicConstraints:
        known.basicConstraints = decodeBasicConstraints(value)
        break
      case OID.keyUsage:
        known.keyUsage = decodeKeyUsage(value)
        break
      case OID.extendedKeyUsage:
        known.extendedKeyUsage = decodeExtendedKeyUsage(value)
        break
      case OID.certificatePolicies:
        known.certificatePolicies = decodeCertificatePolicies(value)
        break
      case OID.authorityKeyIdentifier:
        known.authorityKeyIdentifier = decodeAuthorityKeyIdentifier(value)
        break
      case OID.subjectKeyIdentifier:
        known.subjectKeyId = decodeSubjectKeyIdentifier(value)
        break
      case OID.crlDistributionPoints:
        known.distributionPoints = decodeCrlDistributionPoints(value)
        break
      case OID.subjectAltName:
      case OID.issuerAltName:
        checkAlternativeName(value)
        break
      case OID.authorityInfoAccess:
      case OID.subjectInfoAccess:
        checkInformationAccess(value)
        break
    }
  }
  return known
}

function checkAlternativeName(value: Uint8Array): void {
  const outer = new DerReader(value)
  readGeneralNames(outer.enter(TAG.sequence))
  outer.finish()
}
