import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Nothing of anybody else, nothing inline, in nobody's frame. Forms lead to the console itself and nowhere else: a redirect that answers
 * one is checked too (docs/adr/0002), so the way to the sign-in page is a new navigation. Scripts of our own may ask our own pages.
 */
export function consoleHeaders({ https }: { readonly https: boolean }): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // `no-referrer` would turn the Origin of our own forms into `null`
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    strictTransportSecurity: https ? { maxAge: 63_072_000 } : false,
  })
}
