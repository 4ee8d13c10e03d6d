import type { AnchorPurpose } from '../../certificate/profile/certificate-profile.ts'
import type { AcceptedCrl } from '../../certificate/revocation/crl/accept-crl.ts'
import type { UnavailableCause } from '../../certificate/revocation/unavailable-cause.ts'

/** Where lists are found. */
export type CrlPlace =
  | { readonly kind: 'file'; readonly path: string }
  /** Every `.crl`, `.der` and `.pem` in it; the lists of several issuers or distribution points. */
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'http'
      readonly url: string
      readonly intranetHosts: readonly string[]
      readonly deadlineMs: number
    }

/** What the worker is told: plain data. */
export interface CrlLoadOrder {
  readonly place: CrlPlace
  /** For all lists together. */
  readonly maxBytes: number
  readonly issuers: readonly { readonly name: string; readonly der: Uint8Array; readonly purpose: AnchorPurpose }[]
  /** What was read before, by name; what has the same version is left where it is. */
  readonly knownVersions: Readonly<Record<string, string>>
}

/** What it answers. A list that did not change is in `versions` and not in `loaded`. */
export interface CrlLoadResult {
  readonly loaded: readonly { readonly name: string; readonly crl: AcceptedCrl }[]
  readonly faults: readonly { readonly name: string; readonly cause: UnavailableCause }[]
  readonly versions: Readonly<Record<string, string>>
}

/** Twice a day's list of a country is less; 10⁶ entries are 37 MB at most. */
export const DEFAULT_MAX_CRL_BYTES = 40 * 1024 * 1024
