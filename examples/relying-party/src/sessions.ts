import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Member } from './members.ts'
import type { LinkNotice } from './pages.ts'

/** Between "sign in" and the way back: what the answer must match, and where the person wanted to go. */
export interface Pending {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  /** For a page that wants the card again: since when a tap counts, and whose it must be. */
  readonly stepUp?:
    { readonly since: number; readonly user: string; readonly returnTo: '/settings' | '/orders' } | undefined
}

export interface SignedIn {
  /** Key of the user: `iss` and `sub` together (users.ts). */
  readonly user: string
  readonly claims: Readonly<Record<string, unknown>>
  /** For log-out. */
  readonly idToken: string
  /** For the API, if there is one; never for the browser. */
  readonly accessToken: string
  /** When the card was used for a page that wants it once more, in seconds. The tap at sign-in does not count for it. */
  readonly confirmedAt?: number
}

/** What the shop remembers of one browser. A real site keeps this in its database. */
export interface ShopSession {
  readonly pending?: Pending
  readonly signedIn?: SignedIn
  /** Signed in as members did before the card (link-member.ts). */
  readonly member?: Member
  /** The link ticket that was made for this member in this browser. */
  readonly linkTicket?: string
  /** To be said once. */
  readonly notice?: LinkNotice
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

    /**
     * Without a browser at hand: back-channel log-out, or a person who leaves. A sign-in that is under way in that browser goes on:
     * with another person's card it is what ends the old session, and tells us so before it is back.
     */
    signOutAll(which: (signedIn: SignedIn) => boolean): void {
      for (const [id, { pending, signedIn }] of sessions) {
        if (signedIn === undefined || !which(signedIn)) continue
        if (pending === undefined) sessions.delete(id)
        else sessions.set(id, { pending })
      }
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
