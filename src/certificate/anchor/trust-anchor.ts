import type { KeyObject } from 'node:crypto'
import type { AnchorPurpose } from '../profile/certificate-profile.ts'
import type { UnverifiedCertificate } from '../x509/unverified-certificate.ts'

/** A root we decided to trust for one purpose, with all that is derived from it made once. */
export interface TrustAnchor {
  /** Where it came from, for an operator: a file name. */
  readonly name: string
  readonly purpose: AnchorPurpose
  readonly certificate: UnverifiedCertificate
  readonly key: KeyObject
  /** Subject key identifier. */
  readonly keyId: Uint8Array
  readonly keyIdHex: string
  /** SHA-256 of the certificate, upper-case hexadecimal. */
  readonly fingerprint: string
  /** Not the national PKI: issued by software, for development. */
  readonly isVirtual: boolean
  /** The two digests OCSP names an issuer by (RFC 6960 §4.1.1), SHA-1. */
  readonly nameSha1: Uint8Array
  readonly keySha1: Uint8Array
}

/** Anchors by purpose. A certificate for log-in is only ever verified with the first list; the second serves to recognise. */
export interface TrustAnchors {
  readonly authentication: readonly TrustAnchor[]
  readonly signature: readonly TrustAnchor[]
}

/** DER of a CA certificate and where it came from. */
export interface AnchorFile {
  readonly name: string
  readonly der: Uint8Array
}
