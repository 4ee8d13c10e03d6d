import { Refusal } from './refusal.ts'
import type { ErrorCode } from './registry.ts'

/** Too often. Whoever answers it says when to come again (RFC 6585 §4). */
export class RateLimited extends Refusal {
  readonly retryAfterSeconds: number

  constructor(code: ErrorCode, retryAfterSeconds: number, detail: string) {
    super(code, detail)
    this.retryAfterSeconds = retryAfterSeconds
  }
}
