export interface Validity {
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Where an instant lies. Both ends belong to the period, the last second to its end (RFC 5280 §4.1.2.5). */
export function placeInValidity(validity: Validity, nowMs: number): 'before' | 'within' | 'after' {
  if (nowMs < validity.notBefore) return 'before'
  return nowMs < validity.notAfter + 1000 ? 'within' : 'after'
}
