/** One thing to be measured: called over and over, and awaited when it returns a promise. */
export interface Contestant {
  readonly name: string
  readonly act: () => unknown
  /** Calls in one round. */
  readonly repeat: number
}

export interface CpuFigures {
  readonly name: string
  /** CPU microseconds of one call: median of the rounds, and their smallest and largest. */
  readonly median: number
  readonly least: number
  readonly most: number
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
    const sorted = all.toSorted((a, b) => a - b)
    return { name, median: medianOf(all), least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0, rounds: all }
  })
}

/** The ratio of two contestants round by round: median, smallest and largest. */
export function ratioOf(one: CpuFigures, other: CpuFigures): { median: number; least: number; most: number } {
  const ratios = one.rounds.map((value, index) => value / (other.rounds[index] ?? Number.NaN)).toSorted((a, b) => a - b)
  return { median: medianOf(ratios), least: ratios[0] ?? 0, most: ratios.at(-1) ?? 0 }
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

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
