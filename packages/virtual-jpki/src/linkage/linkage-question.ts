import type { Relation } from '../registry.ts'

/** A certificate, as a verifier can name it. */
export interface LinkageQuestion {
  /** DER of the issuer's Name. */
  readonly issuerNameDer: Uint8Array
  /** Subject key identifier of the issuer, which alone tells the generations of a CA apart. */
  readonly issuerKeyId?: Uint8Array | undefined
  readonly serialNumber: bigint
}

export interface PersonQuestion extends LinkageQuestion {
  /** Whose person ids: each customer of an operator has others. Default `anyone`. */
  readonly tenant?: string | undefined
}

/** Why there is no answer. As `unavailable`, it means "don't know", and never that there is no predecessor. */
export const LINKAGE_ERRORS = ['unknown-certificate', 'ambiguous-certificate', 'unauthorized'] as const
export type LinkageError = (typeof LINKAGE_ERRORS)[number]

export type DontKnow = { readonly result: 'error'; readonly error: LinkageError } | { readonly result: 'unavailable' }

/** The certificate that was replaced. */
export interface PreviousCertificate {
  readonly issuerNameDer: Buffer
  readonly serialNumber: bigint
  readonly relation: Relation
}

export type PreviousAnswer =
  | { readonly result: 'found'; readonly previous: PreviousCertificate; readonly asOf: Date }
  | { readonly result: 'none'; readonly asOf: Date }
  | DontKnow

export type PersonAnswer =
  | { readonly result: 'found'; readonly personId: string; readonly asOf: Date }
  | { readonly result: 'none'; readonly asOf: Date }
  | DontKnow
