import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { Refusal } from '../error-registry/refusal.ts'

/**
 * A form of ours comes from a page of ours. Browsers name the origin on every POST (Fetch §3.2), and our pages' referrer
 * policy `same-origin` keeps it from becoming `null`; a POST without it is refused like one from elsewhere.
 */
export function requireSameOrigin(origin: string): RequestHandler {
  return (req, _res, next) => {
    refuseOtherOrigins(req, origin)
    next()
  }
}

/** @throws Refusal SIGNIN_FORM_FORGED */
export function refuseOtherOrigins({ headers }: IncomingMessage, origin: string): void {
  const site = headers['sec-fetch-site']
  if (headers.origin !== origin || (site !== undefined && site !== 'same-origin')) {
    throw new Refusal('SIGNIN_FORM_FORGED', 'a form from another origin')
  }
}
