import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'

/** What the shop remembers of one browser. A real site keeps this in its database. */
export interface ShopSession {
  /** Between "sign in" and the way back: what the answer must match. */
  pending?: { readonly state: string; readonly nonce: string; readonly codeVerifier: string }
  /** After it: the claims of the ID token, and the token itself for log-out. */
  signedIn?: { readonly claims: Readonly<Record<string, unknown>>; readonly idToken: string }
}

const COOKIE = 'shop_session'
const LIFE_SECONDS = 3600
const MAX_SESSIONS = 1000

/** Sessions in memory, found by a random cookie. Bounded: the oldest goes when there are too many. */
export function createSessions({ secure }: { secure: boolean }) {
  const sessions = new Map<string, ShopSession>()

  const setCookie = (res: Response, id: string, seconds: number) => {
    res.cookie(COOKIE, id, { httpOnly: true, sameSite: 'lax', secure, maxAge: seconds * 1000, path: '/' })
  }

  return {
    find(req: Request): ShopSession | undefined {
      const id = new RegExp(`(?:^|; )${COOKIE}=([\\w-]{43})(?:;|$)`).exec(req.headers.cookie ?? '')?.[1]
      return id === undefined ? undefined : sessions.get(id)
    },

    /** A new id for every step of trust: whoever knew the old one learns nothing (session fixation). */
    start(res: Response, session: ShopSession): void {
      const [oldest] = sessions.keys()
      if (sessions.size >= MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest)
      const id = randomBytes(32).toString('base64url')
      sessions.set(id, session)
      setCookie(res, id, LIFE_SECONDS)
    },

    end(req: Request, res: Response): void {
      const session = this.find(req)
      for (const [id, known] of sessions) if (known === session) sessions.delete(id)
      setCookie(res, '', 0)
    },
  }
}
