import type { Finding } from './finding.ts'

/** OCSP answers and cards' dates are judged by this clock; five seconds are nothing to them, a minute is. */
const TOLERANCE_MS = 5_000

/**
 * @param theirs the time there, in milliseconds
 * @param precisionMs how exactly it is told: an HTTP Date has whole seconds (RFC 9110 §5.6.7)
 */
export function examineClock(
  against: string,
  {
    theirs,
    askedAt,
    answeredAt,
    precisionMs,
  }: { readonly theirs: number; readonly askedAt: number; readonly answeredAt: number; readonly precisionMs: number },
): Finding {
  // it was read somewhere between the question and the answer
  const early = askedAt - (theirs + precisionMs)
  const late = theirs - answeredAt
  const offMs = Math.max(0, early, late)
  const values = { against, seconds: (offMs / 1000).toFixed(1) }
  return { code: offMs > TOLERANCE_MS ? 'CLOCK_OFF' : 'CLOCK_OK', values }
}
