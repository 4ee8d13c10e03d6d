/** One line of the goals (performance.md, “Goals”), and what was measured. */
export interface Goal {
  readonly name: string
  readonly bound: 'at most' | 'at least'
  readonly target: number
  /** `×` for a ratio, else a unit. */
  readonly unit: string
  readonly value: number
  readonly met: boolean
  /** How much better than asked: 2 is twice as good, 0.5 misses by half. */
  readonly factor: number
}

/** A figure that could not be taken (NaN) meets nothing. */
export function judge(goal: Pick<Goal, 'name' | 'bound' | 'target' | 'unit' | 'value'>): Goal {
  const { bound, target, value } = goal
  const isAtMost = bound === 'at most'
  const met = isAtMost ? value <= target : value >= target
  return { ...goal, met, factor: factorOf(isAtMost ? target : value, isAtMost ? value : target) }
}

/** `better / worse`; nothing divided by nothing is just met, and more than a thousand times is not told apart. */
function factorOf(better: number, worse: number): number {
  if (better === worse) return 1
  return Math.min(1000, better / worse)
}

/** One line for people. */
export function describeGoal({ name, bound, target, unit, value, met, factor }: Goal): string {
  const verdict = met ? 'met' : 'NOT MET'
  return `${verdict.padEnd(7)}  ${name}: ${round(value)} ${unit} (goal: ${bound} ${round(target)}; ${describeFactor(factor)})`
}

export function describeFactor(factor: number): string {
  if (!Number.isFinite(factor)) return 'not measured'
  return factor >= 1 ? `better by a factor of ${round(factor)}` : `missed by a factor of ${round(1 / factor)}`
}

/** Three digits, as far as they tell anything. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value !== 0 && Math.abs(value) < 10) return String(Number(value.toPrecision(3)))
  if (Math.abs(value) < 100) return value.toFixed(1)
  return Math.round(value).toLocaleString('en')
}
