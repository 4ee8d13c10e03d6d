/** Why a file does not become a trust anchor. */
export type AnchorFaultReason =
  /** Not a strict DER certificate of RFC 5280. */
  | 'malformed'
  /** No critical basicConstraints with cA. */
  | 'not-a-ca'
  /** keyUsage without keyCertSign; for JPKI also without cRLSign, or absent. */
  | 'cannot-sign'
  /** Nothing to choose it by. */
  | 'no-key-identifier'
  /** What it says of its own key is not true; for JPKI: the identifier is not the SHA-1 of the key (jpki.md §2.1). */
  | 'wrong-key-identifier'
  | 'not-self-issued'
  | 'bad-self-signature'
  | 'weak-key'
  | 'weak-signature-algorithm'
  /** Constraints on names, policies or purposes, which nothing here enforces. */
  | 'constrained'
  | 'unknown-critical-extension'
  /** Its name says it belongs in the other store, or in none. */
  | 'wrong-purpose'
  /** Bears the name of JPKI, and a key that JPKI has not published. */
  | 'not-published'
  /** The published key in a certificate that differs from the published one. */
  | 'wrong-fingerprint'
  /** Made by software, in production. */
  | 'virtual'

export interface AnchorFault {
  readonly name: string
  readonly reason: AnchorFaultReason
}

/** Thrown when any anchor is unusable: a trust store is taken whole or not at all. */
export class TrustAnchorsRefused extends Error {
  override readonly name = 'TrustAnchorsRefused'
  readonly faults: readonly AnchorFault[]

  constructor(faults: readonly AnchorFault[]) {
    super(`trust anchors refused: ${faults.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`)
    this.faults = faults
  }
}
