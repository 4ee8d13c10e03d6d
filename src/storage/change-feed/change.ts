/** What triggers of migration 0004 tell; `unknown` after a time in which nothing was heard: any of it may have happened. */
export type Change =
  | { readonly kind: 'client'; readonly clientId: string }
  | { readonly kind: 'signing-keys' }
  | { readonly kind: 'unknown' }

/** Changes of this database, whichever process made them, told within milliseconds of their commit. */
export interface ChangeFeed {
  /** Whether every change is being heard of now. While it is not, nothing that was read may be remembered. */
  isListening(): boolean
  onChange(listener: (change: Change) => void): void
  close(): Promise<void>
}

export const CHANNEL = 'sekisho_change'

export interface ChangeFeedOptions {
  /** The connection broke, or does not deliver; it is tried again. */
  readonly onFault?: (fault: unknown) => void
  /** How often it is checked that notices arrive, and how long they may take. */
  readonly heartbeatMs?: number
  readonly retryMs?: number
}

/** @returns undefined for what another release tells and this one does not know */
export function parseChange(payload: string): Change | undefined {
  const [kind = '', ...rest] = payload.split(' ')
  if (kind === 'client') return { kind, clientId: rest.join(' ') }
  return kind === 'signing-keys' ? { kind } : undefined
}
