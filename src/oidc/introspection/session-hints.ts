import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Some megabytes. */
const MOST_TOKENS = 20_000

/**
 * In which session a token was seen to live, so that the next time both are asked for at once. It decides nothing: what is read says itself in which
 * session it lives, and where that is another one, that one is read.
 */
export interface SessionHints {
  get(token: string): string | undefined
  keep(token: string, sessionUid: string): void
}

export function createSessionHints(): SessionHints {
  // a token is a secret: its digest is kept
  const sessions = new LRUCache<string, string>({ max: MOST_TOKENS })
  return {
    get: (token) => sessions.get(digestOf(token)),
    keep: (token, sessionUid) => {
      sessions.set(digestOf(token), sessionUid)
    },
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64url')
}
