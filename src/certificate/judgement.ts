import type { ErrorCode } from '../error-registry/registry.ts'

/** A card and a phone of one person have keys, certificates and numbers of their own (jpki.md §3). */
export type Medium = 'card' | 'phone'

/** What is left of a certificate once it is judged: enough to find its account, nothing to show to anyone. */
export interface CertificateIdentity {
  /** In what its key lies: the certificate's policy tells (profile/jpki-profiles.ts). */
  readonly medium: Medium
  /** DER of the issuer Name as it stands in the certificate. */
  readonly issuerNameDer: Uint8Array
  /** Content octets of the serialNumber INTEGER: minimal two's complement, positive. */
  readonly serialNumber: Uint8Array
  /** Subject key identifier of the trust anchor that signed it. */
  readonly issuerKeyId: Uint8Array
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKeyDer: Uint8Array
  readonly notAfter: Date
}

/** Four outcomes, never a boolean (design.md §7). Unknown is not revoked; unavailable is not good. */
export type RevocationStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly at: Date; readonly reason: string | undefined }
  | { readonly status: 'unknown' }
  | { readonly status: 'unavailable'; readonly cause: string }

/** A revocation status, and how it came about. `method` and `source` may be told to relying parties. */
export type RevocationVerdict = RevocationStatus & {
  readonly method: 'ocsp' | 'crl' | 'operator' | 'none'
  /** A name from the configuration, never an address. */
  readonly source: string
  /** When the source made the statement (thisUpdate), not when we read it. */
  readonly checkedAt: Date
}

/** A relying party's policy: `allow-unchecked` accepts `unknown` and `unavailable` — never `revoked` — and the token says so. */
export type RevocationPolicy = 'require-good' | 'allow-unchecked'

export interface CheckOutcome {
  /** Name of the check, the verb-first name of its file without the verb: `key-usage`. */
  readonly check: string
  readonly outcome: 'passed' | 'refused' | 'unchecked'
}

export type Judgement =
  | {
      readonly verdict: 'good' | 'unchecked'
      readonly identity: CertificateIdentity
      readonly revocation: RevocationVerdict
      readonly checks: readonly CheckOutcome[]
    }
  | { readonly verdict: 'refused'; readonly code: ErrorCode; readonly checks: readonly CheckOutcome[] }

/** What the ceremony hands over: everything in it is unverified. */
export interface CardResponse {
  readonly unverifiedCertificateDer: Uint8Array
  readonly unverifiedSignature: Uint8Array
  /** As the response named it; the certificate's key decides, and a mismatch is refused. */
  readonly algorithm: 'RS256' | 'ES384'
  /** `T` of protocol.md, rebuilt by the provider. */
  readonly transcript: Uint8Array
  readonly revocationPolicy: RevocationPolicy
}

/** The one door of this folder for the ceremony. */
export interface CertificateJudge {
  judge(response: CardResponse): Promise<Judgement>
}
