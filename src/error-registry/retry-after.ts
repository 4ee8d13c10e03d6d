import { RateLimited } from './rate-limited.ts'
import type { Refusal } from './refusal.ts'

/** About what a server needs to come back, or another one to take its place. */
const SOON_SECONDS = 5

/**
 * When to come again (RFC 9110 §10.2.3): of what is counted the end of its time, of what is away for now soon.
 *
 * @returns seconds, or undefined where coming again is no use or there is nothing to wait for
 */
export function retryAfterSeconds(refusal: Refusal): number | undefined {
  if (refusal instanceof RateLimited) return refusal.retryAfterSeconds
  const { status, retriable } = refusal.entry
  return status === 503 && retriable ? SOON_SECONDS : undefined
}
