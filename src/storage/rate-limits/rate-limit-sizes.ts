import type { RateLimitKind } from '../../sign-in/rate-limits.ts'

/** So many in so many seconds, from the first one on. */
export interface RateLimitSize {
  readonly points: number
  readonly seconds: number
}

export type RateLimitSizes = Readonly<Record<RateLimitKind, RateLimitSize>>
