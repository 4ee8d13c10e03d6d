/** Several rounds of one figure. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), least: Math.min(...values), most: Math.max(...values) }
}

/** Nearest rank: the smallest value that so large a share of all does not exceed. @param share 0 to 1 */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Ratios round by round: the n-th of one was taken beside the n-th of the other. */
export function ratiosOf(ones: readonly number[], others: readonly number[]): Spread {
  return spreadOf(ones.map((one, index) => one / (others[index] ?? Number.NaN)))
}

/** A straight line through points, by least squares. */
export interface Line {
  /** Units of y for one of x. */
  readonly slope: number
  /** Of the slope; how far it may be off by chance. Infinite with fewer than three points. */
  readonly standardError: number
}

export function fitLine(points: readonly { readonly x: number; readonly y: number }[]): Line {
  const count = points.length
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count
  const sxx = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  const sxy = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
  const slope = sxy / sxx
  const rest = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0)
  return { slope, standardError: count < 3 ? Number.POSITIVE_INFINITY : Math.sqrt(rest / (count - 2) / sxx) }
}
