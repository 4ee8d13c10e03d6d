import { ratiosOf, spreadOf, type Spread } from '../judge/statistics.ts'

/** One thing to be measured: called over and over, and awaited when it returns a promise. */
export interface Contestant {
  readonly name: string
  readonly act: () => unknown
  /** Calls in one round. */
  readonly repeat: number
}

/** CPU microseconds of one call. */
export interface CpuFigures extends Spread {
  readonly name: string
  /** All rounds, in their order: the n-th of one contestant was taken beside the n-th of another. */
  readonly rounds: readonly number[]
}

/**
 * CPU time of the whole process for each contestant, in rounds that take turns, so that whatever disturbs the machine disturbs all.
 * As many rounds go before, until everything is compiled and the heap has its size, and are thrown away.
 */
export async function measureCpu(contestants: readonly Contestant[], rounds: number): Promise<readonly CpuFigures[]> {
  const taken = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  for (let round = -rounds; round < rounds; round++) {
    for (const contestant of contestants) {
      const microseconds = await measureRound(contestant)
      if (round >= 0) taken.get(contestant.name)?.push(microseconds)
    }
  }
  return contestants.map(({ name }) => {
    const all = taken.get(name) ?? []
    return { name, ...spreadOf(all), rounds: all }
  })
}

/** The ratio of two contestants round by round. */
export function ratioOf(one: CpuFigures, other: CpuFigures): Spread {
  return ratiosOf(one.rounds, other.rounds)
}

async function measureRound({ act, repeat }: Contestant): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < repeat; i++) {
    const result = act()
    if (result instanceof Promise) await result
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / repeat
}
