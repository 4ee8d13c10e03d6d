/** A registration as it is stored: the secret apart, and encrypted. */
export interface StoredClient {
  readonly clientId: string
  /** JSON; parsed by whoever reads it, since an older release may have written it. */
  readonly registration: unknown
  readonly sealedSecret: Uint8Array | undefined
}

/** Port: where the registrations are. */
export interface ClientStore {
  /** Never a disabled one. */
  find(clientId: string): Promise<StoredClient | undefined>
  /** Replaces what was there; a disabled client stays disabled. */
  upsert(client: StoredClient, at: Date): Promise<void>
}
