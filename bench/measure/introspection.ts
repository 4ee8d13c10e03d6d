import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { differenceOf } from '../judge/compare-shapes.ts'
import { introspect, type Introspection } from '../load/ask-token-endpoints.ts'
import { openConnection, type Connection } from '../load/http-connection.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { ratioOfMeasured, spreadOfMeasured, takeTurns, type Turn } from './take-turns.ts'

const CONNECTIONS = 64
const FEW_CONNECTIONS = 16
/** Of as many log-ins. */
const TOKENS = 128

/** An API asks what a token is worth. */
export async function measureIntrospection(bench: Bench): Promise<void> {
  const theStock = await bench.arena.stock()
  const tokens = await collectTokens(bench, theStock)
  const stock = prepare(bench, theStock, tokens)
  const floor = prepare(bench, await bench.arena.floor(), tokens)
  const ours = prepare(bench, await bench.arena.ours(), await collectTokens(bench, await bench.arena.ours()))
  try {
    requireEqualAnswers(bench, await stock.ask(0), await ours.ask(0))
    const measured = await takeTurns([stock.turn(CONNECTIONS), ours.turn(CONNECTIONS), floor.turn(CONNECTIONS)], bench)
    bench.record(`introspection, ${CONNECTIONS} connections`, measured)
    const [theirs, own] = measured
    if (theirs === undefined || own === undefined) throw new Error('two were measured')
    bench.reach('introspectionCpu', ratioOfMeasured(own, theirs, 'cpuMicroseconds').median)
    bench.reach('introspectionThroughput', ratioOfMeasured(own, theirs, 'perSecond').median)
    bench.fact('introspection at ours', spreadOfMeasured(own, 'perSecond').median, 'per second')

    const few = await takeTurns([stock.turn(FEW_CONNECTIONS), ours.turn(FEW_CONNECTIONS)], bench)
    bench.record(`introspection, ${FEW_CONNECTIONS} connections`, few)
    const [theirFew, ownFew] = few
    if (theirFew === undefined || ownFew === undefined) throw new Error('two were measured')
    bench.reach('introspectionP50', ratioOfMeasured(ownFew, theirFew, 'p50Ms').median)
    bench.reach('introspectionP99', ratioOfMeasured(ownFew, theirFew, 'p99Ms').median)
  } finally {
    await Promise.all([stock.close(), ours.close(), floor.close()])
  }
}

interface Asked {
  ask(worker: number): Promise<Introspection>
  turn(connections: number): Turn
  close(): Promise<unknown>
}

async function collectTokens(bench: Bench, contestant: Contestant): Promise<readonly string[]> {
  const people = openCrowd(contestant, await bench.arena.cards(), FEW_CONNECTIONS)
  const tokens = (await people.logIn(TOKENS, { offline: false })).map(({ access }) => access)
  await people.close()
  return tokens
}

function prepare(bench: Bench, contestant: Contestant, tokens: readonly string[]): Asked {
  const connections = Array.from({ length: CONNECTIONS }, () => openConnection(contestant.origin))
  let turns = 0
  const ask = (worker: number): Promise<Introspection> =>
    introspect(connections[worker] as Connection, contestant.apiSecret, tokens[turns++ % tokens.length] ?? '')
  return {
    ask,
    turn: (connections) => {
      const round = (ms: number) => runLoad({ pid: contestant.pid, connections, ms, operation: ask })
      return { name: contestant.name, warmUp: () => round(bench.roundMs), round: () => round(bench.roundMs) }
    },
    close: () => Promise.all(connections.map((connection) => connection.close())),
  }
}

/** What the API learns must be the same, else less work would be no merit. */
function requireEqualAnswers(bench: Bench, theirs: Introspection, own: Introspection): void {
  const { missing, added } = differenceOf(theirs, own)
  bench.reach('introspectionSame', missing.length + added.length)
  if (missing.length > 0 || added.length > 0) {
    throw new Error(`introspection answers differ: ours lacks ${missing.join(', ')}; has beside ${added.join(', ')}`)
  }
}
