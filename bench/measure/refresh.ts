import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { refresh } from '../load/ask-token-endpoints.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { ratioOfMeasured, takeTurns, type Measured, type Turn } from './take-turns.ts'

const CONNECTIONS = 16
/** Families of refresh tokens that each connection has, one after the other. */
const FAMILIES = 4

/** A site renews its tokens; each refresh token is good once. */
export async function measureRefresh(bench: Bench): Promise<void> {
  const [stock, ours] = [
    await prepare(bench, await bench.arena.stock()),
    await prepare(bench, await bench.arena.ours()),
  ]
  try {
    const measured = await takeTurns([stock.turn, ours.turn], bench)
    bench.record(`refresh with rotation, ${CONNECTIONS} connections`, measured)
    const [theirs, own] = measured as [Measured, Measured]
    bench.reach('refreshCpu', ratioOfMeasured(own, theirs, 'cpuMicroseconds').median)
  } finally {
    await Promise.all([stock.close(), ours.close()])
  }
}

async function prepare(bench: Bench, contestant: Contestant): Promise<{ readonly turn: Turn; close(): Promise<void> }> {
  const crowd = openCrowd(contestant, await bench.arena.cards(), CONNECTIONS)
  const logIns = await crowd.logIn(CONNECTIONS * FAMILIES, { offline: true })
  const families = logIns.map(({ refresh: token }) => {
    if (token === undefined) throw new Error(`${contestant.name} gave no refresh token`)
    return token
  })
  const turns = new Array<number>(CONNECTIONS).fill(0)
  const renew = async (worker: number): Promise<void> => {
    const turn = turns[worker] ?? 0
    turns[worker] = turn + 1
    const family = worker * FAMILIES + (turn % FAMILIES)
    families[family] = await refresh(crowd.connection(worker), contestant.siteSecret, families[family] ?? '')
  }
  const round = () => runLoad({ pid: contestant.pid, connections: CONNECTIONS, ms: bench.roundMs, operation: renew })
  return { turn: { name: contestant.name, warmUp: round, round }, close: () => crowd.close() }
}
