import type { Bench } from '../bench.ts'
import type { LoadFigures } from '../load/run-load.ts'
import { ratiosOf, spreadOf, type Spread } from '../judge/statistics.ts'

/** Somebody who is measured, round by round. */
export interface Turn {
  readonly name: string
  /** Before anything counts: until everything is compiled. */
  readonly warmUp: () => Promise<unknown>
  readonly round: () => Promise<LoadFigures>
}

/** All rounds of one, in their order. */
export interface Measured {
  readonly name: string
  readonly rounds: readonly LoadFigures[]
}

export type Figure = Exclude<keyof LoadFigures, 'operations'>

/** A B A B …: whatever disturbs the machine disturbs all. */
export async function takeTurns(
  turns: readonly Turn[],
  { rounds, say }: Pick<Bench, 'rounds' | 'say'>,
): Promise<readonly Measured[]> {
  for (const { warmUp } of turns) await warmUp()
  const taken = turns.map(({ name }) => ({ name, rounds: [] as LoadFigures[] }))
  for (let round = 1; round <= rounds; round++) {
    for (const [index, turn] of turns.entries()) {
      const figures = await turn.round()
      taken[index]?.rounds.push(figures)
      const { cpuMicroseconds, perSecond, p50Ms, p99Ms } = figures
      say(
        `  round ${round}/${rounds} ${turn.name.padEnd(28)} ${cpuMicroseconds.toFixed(0).padStart(6)} µs CPU ` +
          `${perSecond.toFixed(0).padStart(6)}/s   p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
      )
    }
  }
  return taken
}

export function valuesOf({ rounds }: Measured, figure: Figure): readonly number[] {
  return rounds.map((round) => round[figure])
}

export function spreadOfMeasured(measured: Measured, figure: Figure): Spread {
  return spreadOf(valuesOf(measured, figure))
}

/** Of the rounds side by side. */
export function ratioOfMeasured(one: Measured, other: Measured, figure: Figure): Spread {
  return ratiosOf(valuesOf(one, figure), valuesOf(other, figure))
}
