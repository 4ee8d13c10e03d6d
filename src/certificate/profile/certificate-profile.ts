import type { SignatureAlgorithmName } from '../algorithm/signature-algorithms.ts'
import type { KeyUsage } from '../x509/key-usage.ts'

/** A kind of key that may stand in a certificate, or in a trust anchor. */
export type KeyRule =
  | {
      readonly type: 'rsa'
      readonly minBits: number
      readonly maxBits: number
      /** Both inclusive. 65537 twice means: this exponent and no other. */
      readonly minExponent: number
      readonly maxExponent: number
    }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384' }

/** What a certificate must be to be accepted for a purpose: data, read by the checks. `undefined` means "not judged". */
export interface CertificateProfile {
  readonly name: string
  /** Which store of trust anchors its issuer must be in. */
  readonly purpose: AnchorPurpose
  readonly maxBytes: number
  /** Exactly these bits, in a critical extension. */
  readonly keyUsage: readonly KeyUsage[] | undefined
  /** At least these purposes. */
  readonly extendedKeyUsage: readonly string[] | undefined
  /** At least one of these policies … */
  readonly acceptedPolicies: readonly string[] | undefined
  /** Those of them that certificates on phones have. */
  readonly phonePolicies: readonly string[]
  /** … and none of these: they name a certificate made for another purpose. */
  readonly otherPurposePolicies: readonly string[]
  /** Critical extensions that some check processes. Any other critical extension is refused. */
  readonly processedExtensions: readonly string[]
  readonly subject: SubjectForm | undefined
  readonly keys: readonly KeyRule[]
  /** How the issuer may have signed the certificate, its CRLs and OCSP answers. */
  readonly signatureAlgorithms: readonly SignatureAlgorithmName[]
}

export type AnchorPurpose = 'authentication' | 'signature'

/** Attribute types in this order and no others; a value (ASCII) where it is fixed, and how long it may be in octets. */
export type SubjectForm = readonly { readonly type: string; readonly value?: string; readonly maxOctets: number }[]
