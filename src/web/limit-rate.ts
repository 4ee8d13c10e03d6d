import type { RequestHandler } from 'express'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refusal } from '../error-registry/refusal.ts'

export type LimitRate = RequestHandler

/** At most `points` requests a minute from one address, counted in this process. Answers 429 with Retry-After. */
export function limitRate(points: number): LimitRate {
  const limiter = new RateLimiterMemory({ points, duration: 60 })
  return async (req, res, next) => {
    try {
      await limiter.consume(req.ip ?? 'unknown')
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection
      res.set('Retry-After', String(Math.ceil(rejection.msBeforeNext / 1000)))
      throw new Refusal('SIGNIN_RATE_LIMITED', 'too many requests from one address')
    }
    next()
  }
}
