/** JWS algorithms of ID tokens (RFC 7518 §3.1). */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256'] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

export type SigningKeyState = 'published' | 'active' | 'retired'

/** A key as it is stored: nobody without the key encryption key can sign with it. */
export interface StoredSigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  /** RFC 7517, public members only. */
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly sealedPrivateJwk: Uint8Array
  readonly state: SigningKeyState
  readonly publishedAt: Date
  readonly activatedAt: Date | undefined
  readonly retiredAt: Date | undefined
}

export interface SigningKeyTable {
  /** All of them, newest first. */
  list(): Promise<readonly StoredSigningKey[]>
  insert(key: StoredSigningKey): Promise<void>
}

/** Port: where the keys are. */
export interface SigningKeyStore extends Pick<SigningKeyTable, 'list'> {
  /** Runs `work` in one transaction while no other process does. */
  exclusively<Result>(work: (table: SigningKeyTable) => Promise<Result>): Promise<Result>
}
