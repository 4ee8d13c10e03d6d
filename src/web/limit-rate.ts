import type { Request, RequestHandler, Response } from 'express'
import type { Refusal } from '../error-registry/refusal.ts'
import { retryAfterSeconds } from '../error-registry/retry-after.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import { networkOf } from './network-of.ts'

export type LimitRate = RequestHandler

/** Counts the requests of one sender to one surface, and, where the path names one, those about one ticket or interaction. */
export function limitRate(limits: RateLimits, surface: string, ceremonyOf?: (req: Request) => unknown): LimitRate {
  return async (req, _res, next) => {
    const ceremony = ceremonyOf?.(req)
    await limits.countAll([
      // first: a sender that is over may name as many ceremonies as it likes
      ['address', `${surface} ${networkOf(req.ip)}`],
      ...(typeof ceremony === 'string' ? ([['ceremony', `${surface} ${ceremony}`]] as const) : []),
    ])
    next()
  }
}

/** RFC 6585 §4, RFC 9110 §10.2.3. */
export function tellWhenToRetry(res: Response, refusal: Refusal): void {
  const seconds = retryAfterSeconds(refusal)
  if (seconds !== undefined) res.set('Retry-After', String(seconds))
}
