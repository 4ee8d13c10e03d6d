import type { AuditCount } from '../../../audit/count/audit-count-store.ts'

/** Sign-ins of one bar of the chart. */
export interface SignInBucket {
  readonly begin: Date
  readonly succeeded: number
  readonly refused: number
}

const HOUR_MS = 3_600_000
/** People and operators live in Japan, which knows no summer time. */
const JAPAN_MS = 9 * HOUR_MS

export const RANGES = {
  day: { hours: 1, bars: 24 },
  week: { hours: 6, bars: 28 },
  month: { hours: 24, bars: 30 },
} as const
export type Range = keyof typeof RANGES

/** Where the first bar of a range begins: at full hours, quarters of days or days of Japan. */
export function beginOf(range: Range, now: Date): Date {
  const { hours, bars } = RANGES[range]
  const width = hours * HOUR_MS
  const newest = Math.floor((now.getTime() + JAPAN_MS) / width) * width - JAPAN_MS
  return new Date(newest - (bars - 1) * width)
}

/** One bar for each, also where nobody signed in. */
export function bucketsOf(range: Range, counts: readonly AuditCount[], now: Date): readonly SignInBucket[] {
  const begin = beginOf(range, now).getTime()
  const { hours, bars } = RANGES[range]
  const width = hours * HOUR_MS
  const buckets = Array.from({ length: bars }, (_, at) => ({
    begin: new Date(begin + at * width),
    succeeded: 0,
    refused: 0,
  }))
  for (const { hour, type, events } of counts) {
    const bucket = buckets[Math.floor((hour.getTime() - begin) / width)]
    if (bucket === undefined) continue
    if (type === 'sign_in.succeeded') bucket.succeeded += events
    if (type === 'sign_in.refused') bucket.refused += events
  }
  return buckets
}

/** The refusals that came most often. */
export function topRefusals(
  counts: readonly AuditCount[],
  limit: number,
): readonly { readonly code: string; readonly count: number }[] {
  const byCode = new Map<string, number>()
  for (const { type, code, events } of counts) {
    if (type === 'sign_in.refused' && code !== undefined) byCode.set(code, (byCode.get(code) ?? 0) + events)
  }
  return [...byCode]
    .map(([code, count]) => ({ code, count }))
    .toSorted((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1))
    .slice(0, limit)
}
