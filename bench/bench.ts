import type { Arena } from './contestants/open-arena.ts'
import { describeGoal, judge, type Goal } from './judge/goal.ts'
import type { Measured } from './measure/take-turns.ts'

/** What a measurement has to work with, and where it tells what it found. */
export interface Bench {
  readonly isQuick: boolean
  /** Of each contestant. */
  readonly rounds: number
  readonly roundMs: number
  /** People in the large country; each part has its own default. */
  readonly scale: number | undefined
  /** Of a soak. */
  readonly minutes: number | undefined
  readonly arena: Arena
  readonly say: (line: string) => void
  /** Rounds of several contestants, side by side. */
  record(name: string, measured: readonly Measured[]): void
  /** A single figure that is worth knowing and no goal. */
  fact(name: string, value: number, unit: string): void
  goal(goal: Pick<Goal, 'name' | 'bound' | 'target' | 'unit' | 'value'>): void
}

/** Everything that was found in a run. */
export interface Findings {
  readonly measurements: { readonly name: string; readonly contestants: readonly Measured[] }[]
  readonly facts: { readonly name: string; readonly value: number; readonly unit: string }[]
  readonly goals: Goal[]
}

export interface BenchOptions extends Pick<Bench, 'isQuick' | 'rounds' | 'roundMs' | 'scale' | 'minutes' | 'arena'> {
  readonly say: (line: string) => void
}

export function createBench(options: BenchOptions): { readonly bench: Bench; readonly findings: Findings } {
  const { say } = options
  const findings: Findings = { measurements: [], facts: [], goals: [] }
  return {
    findings,
    bench: {
      ...options,
      record: (name, contestants) => {
        findings.measurements.push({ name, contestants })
      },
      fact: (name, value, unit) => {
        findings.facts.push({ name, value, unit })
        say(`${name}: ${value.toPrecision(3)} ${unit}`)
      },
      goal: (goal) => {
        const judged = judge(goal)
        findings.goals.push(judged)
        say(describeGoal(judged))
      },
    },
  }
}
