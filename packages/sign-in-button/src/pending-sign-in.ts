/** What a response must match. It stays in this tab (sessionStorage) and is used once. */
export interface PendingSignIn {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  /** PKCE, RFC 7636 §4.1. */
  readonly verifier: string
}

const KEY = 'sekisho-sign-in'

/** One at a time: pressing again forgets what was begun before. @throws DOMException where storage is switched off */
export function keepPending(pending: PendingSignIn): void {
  sessionStorage.setItem(KEY, JSON.stringify(pending))
}

export function takePending(): PendingSignIn | undefined {
  const text = sessionStorage.getItem(KEY)
  sessionStorage.removeItem(KEY)
  return text === null ? undefined : (JSON.parse(text) as PendingSignIn)
}
