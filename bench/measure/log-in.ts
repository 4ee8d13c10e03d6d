import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { openCrowd, type Crowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { ratioOfMeasured, spreadOfMeasured, takeTurns, type Figure, type Measured, type Turn } from './take-turns.ts'

const CONNECTIONS = 16
/** A first log-in of each person, and some more. */
const WARM_UP = 200
const WARM_UP_MS = 15_000
const QUICK_WARM_UP_MS = 2_000

/** From the site's request to its tokens. */
export async function measureLogIn(bench: Bench): Promise<void> {
  const contestants = [await bench.arena.stock(), await bench.arena.ours(), await bench.arena.firstDraft()]
  const cards = await bench.arena.cards()
  const crowds = contestants.map((contestant) => openCrowd(contestant, cards, CONNECTIONS))
  try {
    const turns = contestants.map((contestant, index) => turnOf(bench, contestant, crowds[index] as Crowd))
    const measured = await takeTurns(turns, bench)
    bench.record(`log-in, ${CONNECTIONS} connections`, measured)
    const [stock, ours, draft] = measured as [Measured, Measured, Measured]
    const beside = (other: Measured, figure: Figure): number => ratioOfMeasured(ours, other, figure).median
    bench.reach('logInCpu', beside(stock, 'cpuMicroseconds'))
    bench.reach('logInRate', beside(draft, 'perSecond'))
    bench.reach('logInP50', beside(stock, 'p50Ms'))
    bench.reach('logInP99', beside(stock, 'p99Ms'))
    bench.fact('card log-ins at ours', spreadOfMeasured(ours, 'perSecond').median, 'per second')
  } finally {
    await Promise.all(crowds.map((crowd) => crowd.close()))
  }
}

function turnOf(bench: Bench, contestant: Contestant, crowd: Crowd): Turn {
  return {
    name: contestant.name,
    warmUp: () => crowd.logIn(WARM_UP, { offline: true }, bench.isQuick ? QUICK_WARM_UP_MS : WARM_UP_MS),
    round: () =>
      runLoad({
        pid: contestant.pid,
        connections: CONNECTIONS,
        ms: bench.roundMs,
        operation: (worker) => contestant.logIn(crowd.connection(worker), crowd.card(worker), { offline: true }),
      }),
  }
}
