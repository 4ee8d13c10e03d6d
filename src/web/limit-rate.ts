import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request, RequestHandler } from 'express'
import type { Refusal } from '../error-registry/refusal.ts'
import { retryAfterSeconds } from '../error-registry/retry-after.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import { networkOf } from './network-of.ts'

export type LimitRate = RequestHandler

/** Counts a request of one sender, and, where it names one, that it is about one ticket or interaction. @throws RateLimited */
export type CountRequest = (address: string | undefined, ceremony?: unknown) => Promise<void>

export function countRequests(limits: RateLimits, surface: string): CountRequest {
  return (address, ceremony) =>
    limits.countAll([
      // first: a sender that is over may name as many ceremonies as it likes
      ['address', `${surface} ${networkOf(address)}`],
      ...(typeof ceremony === 'string' ? ([['ceremony', `${surface} ${ceremony}`]] as const) : []),
    ])
}

/** The same in front of a route of express. */
export function limitRate(limits: RateLimits, surface: string, ceremonyOf?: (req: Request) => unknown): LimitRate {
  const count = countRequests(limits, surface)
  return async (req, _res, next) => {
    await count(req.ip, ceremonyOf?.(req))
    next()
  }
}

/** main/prepare-request.ts left one address, the client's. */
export function addressOf({ headers, socket }: IncomingMessage): string | undefined {
  const forwarded = headers['x-forwarded-for']
  return typeof forwarded === 'string' ? forwarded : socket.remoteAddress
}

/** RFC 6585 §4, RFC 9110 §10.2.3. */
export function tellWhenToRetry(res: ServerResponse, refusal: Refusal): void {
  const seconds = retryAfterSeconds(refusal)
  if (seconds !== undefined) res.setHeader('Retry-After', String(seconds))
}
