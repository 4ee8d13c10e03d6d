import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'

/** What a browser holds of a ticket that was opened in it. */
export interface HeldTicket {
  readonly secret: string
  /** When the person went off to tap their card for it; undefined: not yet. */
  readonly startedAt: Date | undefined
}

export interface LinkCookie {
  give(res: Response, ticketId: string, secret: string): void
  /** The person goes off to tap their card, now. */
  start(res: Response, ticketId: string, secret: string): void
  read(req: Request, ticketId: string): HeldTicket | undefined
  clear(res: Response, ticketId: string): void
}

/** Pages of a ticket are below it. */
export const LINK_TICKETS_PATH = '/link/tickets'

/** For the tap and the reading; the ticket may live longer, and is opened by its address again. */
const HELD_SECONDS = 3600

/**
 * The secret of a ticket leaves the address for a cookie of that ticket's pages: it is in no history entry, no Referer and no log line of
 * what comes after. That somebody went off to tap the card is signed: a tap from before the question was read must not answer it.
 *
 * @param cookieKeys newest first; the first signs, all are accepted
 */
export function createLinkCookie({
  cookieKeys,
  secure,
  now,
}: {
  readonly cookieKeys: readonly string[]
  readonly secure: boolean
  readonly now: () => Date
}): LinkCookie {
  const name = secure ? '__Secure-sekisho_link' : 'sekisho_link'
  const macOf = (key: string, ticketId: string, text: string): string =>
    createHmac('sha256', key).update(`sekisho link started\0${ticketId}\0${text}`).digest('base64url')
  const set = (res: Response, ticketId: string, value: string, maxAge: number): void => {
    const attributes = `Path=${LINK_TICKETS_PATH}/${ticketId}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
    res.append('Set-Cookie', `${name}=${value}; ${attributes}`)
  }

  return {
    give(res, ticketId, secret) {
      set(res, ticketId, secret, HELD_SECONDS)
    },

    start(res, ticketId, secret) {
      const [key = ''] = cookieKeys
      const text = `${secret}.${Math.floor(now().getTime() / 1000)}`
      set(res, ticketId, `${text}.${macOf(key, ticketId, text)}`, HELD_SECONDS)
    },

    read(req, ticketId) {
      const sent = (req.headers.cookie ?? '').split('; ').find((pair) => pair.startsWith(`${name}=`))
      const [secret = '', started, mac = ''] = sent?.slice(name.length + 1).split('.') ?? []
      if (secret === '') return undefined
      const isSigned =
        started !== undefined && cookieKeys.some((key) => isSame(mac, macOf(key, ticketId, `${secret}.${started}`)))
      return { secret, startedAt: isSigned ? new Date(Number(started) * 1000) : undefined }
    },

    clear(res, ticketId) {
      set(res, ticketId, '', 0)
    },
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
