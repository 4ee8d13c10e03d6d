import type { KeyObject } from 'node:crypto'

import type { KeyAlgorithm } from '../key/generate-deterministic-key.ts'
import { type CertificatePlan, type TbsParts, assembleCertificate } from './assemble-certificate.ts'
import {
  basicConstraints,
  certificatePolicies,
  extendedKeyUsage,
  keyUsage,
  type ExtensionPlan,
  type KeyUsageName,
} from './extensions.ts'
import { OID } from './object-identifiers.ts'
import { defaultSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'

/** What a test may order to be different from the profile. Everything left out is as the profile has it. */
export interface CertificateOverrides {
  readonly version?: 1 | 2 | 3
  /** May be zero, negative or longer than 20 octets. */
  readonly serialNumber?: bigint
  /** DER of another issuer Name than that of the CA. */
  readonly issuerNameDer?: Uint8Array
  readonly subjectNameDer?: Uint8Array
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly timeEncoding?: CertificatePlan['timeEncoding']
  readonly keyAlgorithm?: KeyAlgorithm
  /** Put in place of the SubjectPublicKeyInfo, which then belongs to no key of ours. */
  readonly publicKeyDer?: Uint8Array
  readonly keyUsage?: readonly KeyUsageName[] | 'absent'
  readonly keyUsageCritical?: boolean
  readonly extendedKeyUsage?: readonly string[] | 'absent'
  readonly certificatePolicies?: readonly string[] | 'absent'
  readonly certificatePoliciesCritical?: boolean
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number } | 'absent'
  readonly addExtensions?: readonly ExtensionPlan[]
  /** The last word on the extensions: sees them all, returns what is written. */
  readonly editExtensions?: (extensions: readonly ExtensionPlan[]) => readonly ExtensionPlan[]
  readonly signatureAlgorithm?: SignatureAlgorithm
  readonly outerSignatureAlgorithm?: SignatureAlgorithm
  /** Signs instead of the CA's key; names and identifiers stay those of the CA. */
  readonly signingKey?: KeyObject
  readonly corruptSignature?: boolean
  /** Replaces whole elements of TBSCertificate before it is signed. */
  readonly editTbs?: (parts: TbsParts) => TbsParts
  /** Changes the finished bytes: truncation, trailing octets, BER. */
  readonly editDer?: (der: Buffer) => Buffer
}

/** Puts the overrides over the profile's plan, signs it and returns the DER. */
export function assembleWithOverrides(
  plan: CertificatePlan,
  caKey: KeyObject,
  overrides: CertificateOverrides,
): Buffer {
  const key = overrides.signingKey ?? caKey
  const der = assembleCertificate(
    {
      version: overrides.version ?? plan.version,
      serialNumber: overrides.serialNumber ?? plan.serialNumber,
      issuerNameDer: overrides.issuerNameDer ?? plan.issuerNameDer,
      subjectNameDer: overrides.subjectNameDer ?? plan.subjectNameDer,
      notBefore: overrides.notBefore ?? plan.notBefore,
      notAfter: overrides.notAfter ?? plan.notAfter,
      timeEncoding: overrides.timeEncoding ?? plan.timeEncoding,
      publicKeyDer: overrides.publicKeyDer ?? plan.publicKeyDer,
      extensions: overrideExtensions(plan.extensions, overrides),
    },
    {
      key,
      algorithm: overrides.signatureAlgorithm ?? defaultSignatureAlgorithm(key),
      outerAlgorithm: overrides.outerSignatureAlgorithm,
      corrupt: overrides.corruptSignature,
      editTbs: overrides.editTbs,
    },
  )
  return overrides.editDer?.(der) ?? der
}

function overrideExtensions(
  extensions: readonly ExtensionPlan[],
  overrides: CertificateOverrides,
): readonly ExtensionPlan[] {
  const { keyUsage: ku, extendedKeyUsage: eku, certificatePolicies: policies, basicConstraints: bc } = overrides
  let changed = extensions
  if (ku !== undefined) changed = put(changed, OID.keyUsage, ku === 'absent' ? undefined : keyUsage(ku))
  if (eku !== undefined)
    changed = put(changed, OID.extendedKeyUsage, eku === 'absent' ? undefined : extendedKeyUsage(eku))
  if (policies !== undefined) {
    changed = put(changed, OID.certificatePolicies, policies === 'absent' ? undefined : certificatePolicies(policies))
  }
  if (bc !== undefined) {
    changed = put(changed, OID.basicConstraints, bc === 'absent' ? undefined : basicConstraints(bc.ca, bc.pathLength))
  }
  changed = changed.map((extension) => ({ ...extension, critical: criticalOf(extension, overrides) }))
  changed = [...changed, ...(overrides.addExtensions ?? [])]
  return overrides.editExtensions?.(changed) ?? changed
}

function criticalOf(extension: ExtensionPlan, overrides: CertificateOverrides): boolean {
  if (extension.oid === OID.keyUsage) return overrides.keyUsageCritical ?? extension.critical
  if (extension.oid === OID.certificatePolicies) return overrides.certificatePoliciesCritical ?? extension.critical
  return extension.critical
}

/** Replaces in place, appends what is new, removes what is undefined. */
function put(
  extensions: readonly ExtensionPlan[],
  oid: string,
  replacement: ExtensionPlan | undefined,
): readonly ExtensionPlan[] {
  if (replacement === undefined) return extensions.filter((extension) => extension.oid !== oid)
  if (!extensions.some((extension) => extension.oid === oid)) return [...extensions, replacement]
  return extensions.map((extension) => (extension.oid === oid ? replacement : extension))
}
