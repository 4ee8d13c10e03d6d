import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** No script but our own file, no style but our own file, no frame; connections and forms go to this program only. */
const secure = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  // Not 'no-referrer': with that a browser sends `Origin: null` with our own forms (Fetch, "append a request Origin header").
  // Other sites, the provider among them, get no referrer either way.
  referrerPolicy: { policy: 'same-origin' },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  xFrameOptions: { action: 'deny' },
  // Plain HTTP on loopback: there is nothing to upgrade to.
  strictTransportSecurity: false,
})

export const setSecurityHeaders: RequestHandler = (request, response, next) => {
  response.set('Cache-Control', 'no-store')
  response.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=()')
  secure(request, response, next)
}
