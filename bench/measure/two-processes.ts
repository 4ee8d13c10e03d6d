import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { introspect } from '../load/ask-token-endpoints.ts'
import { openConnection, type Connection } from '../load/http-connection.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { ratioOfMeasured, takeTurns, type Measured, type Turn } from './take-turns.ts'

const CONNECTIONS = 64
const PEOPLE = 16
const TOKENS = 64

/**
 * What a second process costs: operations for each second of CPU that the servers used. Throughput says little here, since load and Redis
 * need the same two cores.
 */
export async function measureTwoProcesses(bench: Bench): Promise<void> {
  const cores = bench.arena.cores.server === undefined ? {} : { cores: '0,1' }
  const one = await prepare(bench, await bench.arena.anotherOurs({ workers: 1, ...cores }), 'one process')
  const two = await prepare(bench, await bench.arena.anotherOurs({ workers: 2, ...cores }), 'two processes')
  try {
    const measured = await takeTurns([one.turn, two.turn], bench)
    bench.record(`introspection on both cores, ${CONNECTIONS} connections`, measured)
    const [alone, together] = measured as [Measured, Measured]
    bench.reach('twoProcesses', ratioOfMeasured(alone, together, 'cpuMicroseconds').median)
  } finally {
    await one.close()
    await two.close()
  }
}

async function prepare(
  bench: Bench,
  contestant: Contestant,
  name: string,
): Promise<{ readonly turn: Turn; close(): Promise<void> }> {
  const people = openCrowd(contestant, await bench.arena.cards(), PEOPLE)
  const tokens = await people.logIn(TOKENS, { offline: false })
  await people.close()
  const apis = Array.from({ length: CONNECTIONS }, () => openConnection(contestant.origin))
  let turn = 0
  const operation = (worker: number) =>
    introspect(apis[worker] as Connection, contestant.apiSecret, tokens[turn++ % TOKENS]?.access ?? '')
  const round = () => runLoad({ pid: contestant.pid, connections: CONNECTIONS, ms: bench.roundMs, operation })
  return {
    turn: { name, warmUp: round, round },
    close: async () => {
      await Promise.all(apis.map((api) => api.close()))
      await contestant.stop()
    },
  }
}
