import type { Request, RequestHandler } from 'express'
import { stepUpPage } from './pages.ts'
import type { SignedIn } from './sessions.ts'
import type { Shop } from './shop.ts'
import { languageOf } from './words.ts'

/** For what matters: the card, now (`max_age=0`), with a certificate that was checked for revocation (`phrh`). */
const PROTECTED = { max_age: '0', acr_values: 'phrh' } as const

/** How long one tap of the card opens the protected pages. */
const FRESH_SECONDS = 300

/** Pages that may be returned to after a step-up. */
const PAGES = ['/settings', '/orders'] as const

/**
 * How the card is to be used for a page: as the shop wants it, or, for orders, as the API said. Whoever changes that in the address gains
 * nothing, since the API looks again.
 */
export function wishesFor(path: (typeof PAGES)[number], query: Request['query']): Readonly<Record<string, string>> {
  if (path === '/settings') return PROTECTED
  const { acr_values: acrValues, max_age: maxAge } = query
  return {
    ...(typeof acrValues === 'string' && { acr_values: acrValues }),
    ...(typeof maxAge === 'string' && { max_age: maxAge }),
  }
}

export function pathOf(wish: unknown): (typeof PAGES)[number] | undefined {
  return PAGES.find((path) => path === wish)
}

/** Lets through whoever used their card within the last minutes, and asks all others for it. */
export function requireFreshCard({ sessions }: Pick<Shop, 'sessions'>): RequestHandler {
  return (req, res, next) => {
    const signedIn = sessions.find(req)?.signedIn
    if (signedIn === undefined) res.redirect(303, '/')
    else if (isFresh(signedIn)) next()
    else
      res.status(401).send(stepUpPage(languageOf(req.headers['accept-language']), 'stepUpText', { for: '/settings' }))
  }
}

function isFresh({ confirmedAt = 0 }: SignedIn): boolean {
  return Date.now() / 1000 - confirmedAt <= FRESH_SECONDS
}

/** Behind `requireFreshCard`. */
export function signedInOf({ sessions }: Pick<Shop, 'sessions'>, req: Request): SignedIn {
  const signedIn = sessions.find(req)?.signedIn
  if (signedIn === undefined) throw new Error('nobody is signed in')
  return signedIn
}
