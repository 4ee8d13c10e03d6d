/** JWS algorithms of ID tokens (RFC 7518 §3.1, RFC 8037 §3.1). Of each there is a key: no key signs in two ways (RFC 8725 §3.12). */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

export type SigningKeyState = 'published' | 'active' | 'retired'

/** A key as it is stored: nobody without the key encryption key can sign with it. */
export interface StoredSigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  /** RFC 7517, public members only. */
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** Undefined once it was destroyed: a retired key that is of no use any more. */
  readonly sealedPrivateJwk: Uint8Array | undefined
  readonly state: SigningKeyState
  readonly publishedAt: Date
  /** Of a published key: when it begins to sign. */
  readonly activatesAt: Date | undefined
  readonly activatedAt: Date | undefined
  readonly retiredAt: Date | undefined
  /** Of a retired key: when it leaves the JWKS. */
  readonly publishedUntil: Date | undefined
}

/** What happened to which key. */
export interface KeyMove {
  readonly move: 'published' | 'activated' | 'retired' | 'erased'
  readonly kid: string
  readonly algorithm: SigningAlgorithm
}

export interface SigningKeyTable {
  /** All of them, newest first. */
  list(): Promise<readonly StoredSigningKey[]>
  insert(key: StoredSigningKey): Promise<void>
  /** Writes every changeable field of a key that is there. */
  update(key: StoredSigningKey): Promise<void>
  /** Tells the audit log, in the same transaction. */
  record(moves: readonly KeyMove[]): Promise<void>
}

/** Port: where the keys are. Whoever listens is told of every change. */
export interface SigningKeyStore extends Pick<SigningKeyTable, 'list'> {
  /** Runs `work` in one transaction while no other process does; waits for its turn. */
  exclusively<Result>(work: (table: SigningKeyTable) => Promise<Result>): Promise<Result>
  /** The same, but @returns undefined at once when another process is at it. */
  tryExclusively<Result>(work: (table: SigningKeyTable) => Promise<Result>): Promise<Result | undefined>
}
