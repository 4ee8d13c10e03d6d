/** A certificate, as far as the linkage service needs it named. */
export interface CertificateName {
  readonly issuerNameDer: Uint8Array
  /** Content octets of the serialNumber INTEGER. Never logged, never stored. */
  readonly serialNumber: Uint8Array
}

export interface LinkageQuestion extends CertificateName {
  /** Known for a certificate that was presented, not for one that the service itself has named. */
  readonly issuerKeyId?: Uint8Array
}

/** How a certificate came to replace another: the old one renewed, or a new card issued. */
export type Replacement = 'renewed' | 'reissued'

/** `cause` is a word for the operator's log; it never names a person, a certificate or an address. */
export interface LinkageUnavailable {
  readonly status: 'unavailable'
  readonly cause: string
}

export type PreviousAnswer =
  | {
      readonly status: 'found'
      readonly previous: CertificateName
      readonly relation: Replacement
      /** Of when the service's data is. */
      readonly asOf: Date
    }
  /** This certificate exists and replaced none. Never "don't know". */
  | { readonly status: 'none'; readonly asOf: Date }
  | LinkageUnavailable

export type PersonAnswer =
  | { readonly status: 'found'; readonly personId: string; readonly asOf: Date }
  | { readonly status: 'none'; readonly asOf: Date }
  | LinkageUnavailable

/**
 * Port: who knows which certificate followed which (docs/linkage-operator.md). Adapters live in src/outbound/linkage.
 * They never throw for a service that is down, slow or wrong: that is `unavailable` with its cause.
 */
export type LinkageService =
  /** One step back for each question. */
  | {
      readonly style: 'previous'
      /** From the configuration; stands in the evidence of a link. */
      readonly name: string
      previousOf(question: LinkageQuestion): Promise<PreviousAnswer>
    }
  /** One question: the service's own name for the person, the same for all certificates of that person. */
  | { readonly style: 'person'; readonly name: string; personOf(question: LinkageQuestion): Promise<PersonAnswer> }
  /** There is none. Renewed cards come back by hand-over code or through an administrator. */
  | { readonly style: 'none' }
