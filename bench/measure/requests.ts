import type { Bench } from '../bench.ts'
import { medianOf } from '../judge/statistics.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { REFRESH, walkTogether, type Phase } from '../load/walk-together.ts'

const PEOPLE = 16
/** Of each round; `/proc` counts in ticks of 10 ms, so one of them is worth 30 µs here. */
const LOG_INS = 320

/** What each request of a log-in costs the server: which are dearer than stock’s, and which stock does not have. */
export async function measureRequests(bench: Bench): Promise<void> {
  const contestants = [await bench.arena.stock(), await bench.arena.ours()]
  const cards = await bench.arena.cards()
  const sides = contestants.map((contestant) => ({
    contestant,
    crowd: openCrowd(contestant, cards, PEOPLE),
    costs: new Map<string, number[]>(),
  }))
  try {
    // the first round compiles
    for (let round = 0; round <= bench.rounds; round++) {
      for (const { contestant, crowd, costs } of sides) {
        const phases = await walkTogether(contestant, crowd, LOG_INS)
        if (round > 0) keep(phases, costs)
      }
      if (round > 0) bench.say(`  round ${round}/${bench.rounds}`)
    }
    const [stock, ours] = sides.map(
      ({ costs }) => new Map([...costs].map(([name, values]) => [name, medianOf(values)])),
    )
    bench.say(`${'µs of CPU'.padEnd(24)} ${'ours'.padStart(6)} ${'stock'.padStart(6)}`)
    for (const name of ours?.keys() ?? []) sayRow(bench, name, ours?.get(name), stock?.get(name))
    const sums = [ours, stock].map((costs) =>
      [...(costs ?? [])].reduce((sum, [name, cost]) => sum + (name === REFRESH ? 0 : cost), 0),
    )
    sayRow(bench, 'the log-in', ...sums)
  } finally {
    for (const { crowd } of sides) await crowd.close()
  }
}

function keep(phases: readonly Phase[], costs: Map<string, number[]>): void {
  for (const { name, cpuMicroseconds } of phases) costs.set(name, [...(costs.get(name) ?? []), cpuMicroseconds])
}

function sayRow(bench: Bench, name: string, ...costs: readonly (number | undefined)[]): void {
  bench.say([name.padEnd(24), ...costs.map((cost) => (cost?.toFixed(0) ?? '–').padStart(6))].join(' '))
}
