import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Headers of our pages. `form-action` names the agent: the "use my card" form is answered by a redirect to it, and Chromium
 * checks redirects of a form too. The agent ends that chain with a page of its own (docs/adr/0002).
 */
export function securityHeaders({ agentOrigin, https }: { agentOrigin: string; https: boolean }): RequestHandler {
  return remembered(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: ["'self'"],
          scriptSrc: ["'self'"],
          imgSrc: ["'self'"],
          formAction: ["'self'", agentOrigin],
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
    }),
  )
}

/** The headers are the same for every page; helmet makes each of them anew, in a step of its own. So it is asked once. */
function remembered(setHeaders: ReturnType<typeof helmet>): RequestHandler {
  let made: readonly (readonly [name: string, value: string])[] | undefined
  return (req, res, next) => {
    if (made !== undefined) {
      for (const [name, value] of made) res.setHeader(name, value)
      next()
      return
    }
    const others = new Set(res.getHeaderNames())
    setHeaders(req, res, (fault) => {
      if (fault === undefined) {
        const names = res.getHeaderNames().filter((name) => !others.has(name))
        made = names.map((name) => [name, String(res.getHeader(name))])
      }
      next(fault)
    })
  }
}
