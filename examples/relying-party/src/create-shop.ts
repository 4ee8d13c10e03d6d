import express, { type Express } from 'express'
import { BUTTON } from './button.ts'
import { createConnect } from './connect.ts'
import { createLinkMember, memberOf } from './link-member.ts'
import { createOrders } from './orders.ts'
import { welcomePage, claimsPage } from './pages.ts'
import { createSessions } from './sessions.ts'
import { createSettings } from './settings.ts'
import type { Shop, ShopOptions } from './shop.ts'
import { createSignIn } from './sign-in.ts'
import { createSignOut } from './sign-out.ts'
import { STYLE } from './style.ts'
import { createUsers } from './users.ts'
import { languageOf } from './words.ts'

export type { ShopOptions } from './shop.ts'

/**
 * A small shop with one way to sign in. `sign-in.ts` goes to the provider and comes back, `sign-out.ts` ends what was begun,
 * `require-fresh-card.ts` and `settings.ts` ask for the card again before something that matters; `orders.ts` does when an API says so;
 * `link-member.ts` lets users from before the card link theirs.
 */
export function createShop(options: ShopOptions): Express {
  const { issuer, baseUrl } = options
  const shop: Shop = {
    ...options,
    connect: createConnect(options),
    sessions: createSessions({ secure: baseUrl.startsWith('https:') }),
    users: createUsers(),
  }

  const app = express()
  app.disable('x-powered-by')
  app.use((_req, res, next) => {
    res.set({
      'Content-Security-Policy': [
        "default-src 'none'",
        "style-src 'self'",
        // the button, and nothing else of the provider's; no inline script or style is needed for it
        `script-src ${issuer}/button/`,
        // signing out is a form that ends at the provider
        `form-action 'self' ${issuer}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ].join('; '),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    next()
  })

  app.get('/style.css', (_req, res) => {
    res.type('css').send(STYLE)
  })
  app.get('/', (req, res) => {
    const language = languageOf(req.headers['accept-language'])
    const signedIn = shop.sessions.find(req)?.signedIn
    res.send(
      signedIn === undefined
        ? welcomePage(language, { src: `${issuer}${BUTTON.path}`, integrity: BUTTON.integrity })
        : claimsPage(language, signedIn.claims, {
            user: shop.users.find(signedIn.user),
            member: memberOf(signedIn.claims),
            hasOrders: options.api !== undefined,
          }),
    )
  })
  app.use(createSignIn(shop), createSignOut(shop), createSettings(shop), createLinkMember(shop))
  const { api } = options
  if (api !== undefined) app.use(createOrders({ ...shop, api }))
  return app
}
