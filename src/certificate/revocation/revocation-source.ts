import type { TrustAnchor } from '../anchor/trust-anchor.ts'
import type { RevocationStatus, RevocationVerdict } from '../judgement.ts'
import type { UnverifiedCertificate } from '../x509/unverified-certificate.ts'
import type { UnavailableCause } from './unavailable-cause.ts'

/** Asked only about certificates whose signature, dates and possession were verified (design.md §7: revocation comes last). */
export interface RevocationQuestion {
  readonly certificate: UnverifiedCertificate
  readonly issuer: TrustAnchor
}

/** As in a judgement, and `cause` is one of the list. */
export type SourceStatus =
  | Exclude<RevocationStatus, { readonly status: 'unavailable' }>
  | { readonly status: 'unavailable'; readonly cause: UnavailableCause }

/** A verdict, and until when the source itself would stand by it (nextUpdate); `undefined` when it did not say. */
export type RevocationAnswer = SourceStatus &
  Pick<RevocationVerdict, 'method' | 'source' | 'checkedAt'> & { readonly validUntil?: Date | undefined }

/**
 * Port: who knows whether a certificate was revoked. Adapters live in src/outbound.
 * It never throws for a source that is down or lies: that is `unavailable` with its cause.
 */
export interface RevocationSource {
  readonly method: RevocationVerdict['method']
  /** From the configuration; may be told to relying parties. */
  readonly name: string
  check(question: RevocationQuestion): Promise<RevocationAnswer>
}
