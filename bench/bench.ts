import type { Arena } from './contestants/open-arena.ts'
import { describeGoal, judge, round } from './judge/goal.ts'
import { GOALS, type GoalId } from './judge/goals.ts'
import type { LineChart } from './report/draw-lines.ts'
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
  /** Something over the size of a country, or over time. */
  curve(chart: LineChart): void
  /** The measured value of a goal. */
  reach(id: GoalId, value: number): void
}

/** Everything that was found in a run. */
export interface Findings {
  readonly measurements: { readonly name: string; readonly contestants: readonly Measured[] }[]
  readonly facts: { readonly name: string; readonly value: number; readonly unit: string }[]
  readonly curves: LineChart[]
  readonly reached: Map<GoalId, number>
}

export interface BenchOptions extends Pick<Bench, 'isQuick' | 'rounds' | 'roundMs' | 'scale' | 'minutes' | 'arena'> {
  readonly say: (line: string) => void
}

export function createBench(options: BenchOptions): { readonly bench: Bench; readonly findings: Findings } {
  const { say } = options
  const findings: Findings = { measurements: [], facts: [], curves: [], reached: new Map() }
  return {
    findings,
    bench: {
      ...options,
      record: (name, contestants) => {
        findings.measurements.push({ name, contestants })
      },
      fact: (name, value, unit) => {
        findings.facts.push({ name, value, unit })
        say(`${name}: ${round(value)} ${unit}`)
      },
      curve: (chart) => {
        findings.curves.push(chart)
      },
      reach: (id, value) => {
        findings.reached.set(id, value)
        say(describeGoal(judge(GOALS[id], value)))
      },
    },
  }
}
