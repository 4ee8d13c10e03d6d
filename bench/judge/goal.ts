import type { GoalOf } from './goals.ts'

/** A goal, and what was measured. */
export interface Goal extends GoalOf {
  /** Missing when it was not measured. */
  readonly value: number | null
  readonly met: boolean
  /** How much better than asked: 2 is twice as good, 0.5 misses by half. */
  readonly factor: number | null
}

/** What was not measured, or could not be (NaN), meets nothing. */
export function judge(goal: GoalOf, value: number | undefined): Goal {
  if (value === undefined || Number.isNaN(value)) return { ...goal, value: null, met: false, factor: null }
  const { bound, target } = goal
  const isAtMost = bound === 'at most'
  const met = isAtMost ? value <= target : value >= target
  return { ...goal, value, met, factor: factorOf(isAtMost ? target : value, isAtMost ? value : target) }
}

/** `better / worse`; what is equal is just met, and more than a thousand times is not told apart. */
function factorOf(better: number, worse: number): number {
  if (better === worse) return 1
  return Math.max(0.001, Math.min(1000, better / worse))
}

export function verdictOf({ met, value }: Goal): string {
  if (value === null) return 'not measured'
  return met ? 'met' : 'NOT MET'
}

/** One line for people. */
export function describeGoal(goal: Goal): string {
  const { name, bound, target, unit, value, factor } = goal
  return `${verdictOf(goal).padEnd(12)} ${name}: ${round(value)} ${unit} (${bound} ${target} ${unit}; ${describeFactor(factor)})`
}

export function describeFactor(factor: number | null): string {
  if (factor === null) return '–'
  if (factor === 1) return 'just'
  return factor > 1 ? `${round(factor)} × better` : `${round(1 / factor)} × off`
}

/** Three digits, as far as they tell anything. */
export function round(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–'
  if (Math.abs(value) < 100) return String(Number(value.toPrecision(3)))
  return Math.round(value).toLocaleString('en')
}
