import { createHash } from 'node:crypto'

/** An initial access token as it is kept (RFC 7591 §1.2): whoever has one may register so many clients. */
export interface StoredRegistrationToken {
  /** SHA-256, 32 octets. */
  readonly digest: Uint8Array
  /** Who answers for what is registered with it. */
  readonly owner: string
  readonly usesLeft: number
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Port: where the tokens are. */
export interface RegistrationTokenStore {
  insert(token: StoredRegistrationToken): Promise<void>
  /** @returns whose it is, or undefined for one that is unknown, spent or over. Takes nothing. */
  find(digest: Uint8Array, at: Date): Promise<{ readonly owner: string } | undefined>
  /** Takes one use, in one statement. @returns false when none was left */
  take(digest: Uint8Array, at: Date): Promise<boolean>
  deleteExpired(at: Date, limit: number): Promise<number>
}

/** Port: the registration access token of each client that registered itself (RFC 7592 §1.2), as its SHA-256. */
export interface ConfigurationTokenStore {
  insert(clientId: string, digest: Uint8Array, at: Date): Promise<void>
  /** @returns the client whose it is */
  find(digest: Uint8Array): Promise<string | undefined>
  remove(clientId: string): Promise<void>
}

/** So that a leaked token is recognised for what it is. */
const PREFIXES = { register: 'sekisho_rt_', configure: 'sekisho_ct_' } as const

/** @param random so many octets from a cryptographic source */
export function drawRegistrationToken(
  random: (octets: number) => Uint8Array,
  purpose: keyof typeof PREFIXES = 'register',
): string {
  return PREFIXES[purpose] + Buffer.from(random(32)).toString('base64url')
}

export function digestRegistrationToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}
