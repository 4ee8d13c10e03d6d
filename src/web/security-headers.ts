import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Headers of our pages. `form-action` names the agent: the "use my card" form is answered by a redirect to it, and Chromium
 * checks redirects of a form too. The agent ends that chain with a page of its own (docs/adr/0002).
 */
export function securityHeaders({
  agentOrigin,
  https,
}: {
  readonly agentOrigin: string
  readonly https: boolean
}): readonly Header[] {
  return headersOf(
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

export type Header = readonly [name: string, value: string]

/** The headers are the same for every page; helmet makes each of them anew, in a step of its own. So it is asked once. */
function headersOf(setHeaders: ReturnType<typeof helmet>): readonly Header[] {
  const made: Header[] = []
  const answer = {
    setHeader: (name: string, value: string) => void made.push([name, value]),
    removeHeader: () => undefined,
  }
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it asks the request nothing
  setHeaders({} as IncomingMessage, answer as unknown as ServerResponse, (fault) => {
    if (fault !== undefined) throw fault as Error
  })
  return made
}

/** In front of the pages of express. */
export function setHeaders(headers: readonly Header[]): RequestHandler {
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}
