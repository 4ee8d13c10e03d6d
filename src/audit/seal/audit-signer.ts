/** A key that seals: ES256 (RFC 7518 §3.4). */
export interface SealingKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string
  /** r‖s, 64 octets. */
  sign(bytes: Uint8Array): Uint8Array
}

/** Port: the key that seals now. To be asked before a transaction begins: it may need one of its own. */
export type CurrentSealingKey = () => Promise<SealingKey>
