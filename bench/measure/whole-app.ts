import type { Bench } from '../bench.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { openConnection } from '../load/http-connection.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { ratioOfMeasured, takeTurns, type Measured, type Turn } from './take-turns.ts'

const CONNECTIONS = 16
const TOKENS = 32

/** What our HTTP server and its preparations cost an OIDC endpoint: the cheapest one, and one that looks something up. */
export async function measureWholeApp(bench: Bench): Promise<void> {
  const [ours, bare] = [await bench.arena.ours(), await bench.arena.bare()]
  const crowd = openCrowd(ours, await bench.arena.cards(), CONNECTIONS)
  const tokens = (await crowd.logIn(TOKENS, { offline: false, forUserinfo: true })).map(({ access }) => access)
  await crowd.close()
  let worst = 0
  for (const [what, path] of [
    ['JWKS', '/jwks'],
    ['userinfo', '/me'],
  ] as const) {
    const sides = [bare, { ...ours, name: 'whole app' }].map((contestant) => prepare(bench, contestant, path, tokens))
    try {
      const measured = await takeTurns(
        sides.map(({ turn }) => turn),
        bench,
      )
      bench.record(`${what}, ${CONNECTIONS} connections`, measured)
      const [theirs, own] = measured as [Measured, Measured]
      const ratio = ratioOfMeasured(own, theirs, 'cpuMicroseconds').median
      bench.fact(`${what}: CPU through the whole app beside the bare callback`, ratio, '×')
      worst = Math.max(worst, ratio)
    } finally {
      await Promise.all(sides.map(({ close }) => close()))
    }
  }
  bench.reach('wholeApp', worst)
}

function prepare(
  bench: Bench,
  contestant: Contestant,
  path: string,
  tokens: readonly string[],
): { readonly turn: Turn; readonly close: () => Promise<unknown> } {
  const connections = Array.from({ length: CONNECTIONS }, () => openConnection(contestant.origin))
  let turn = 0
  const operation = async (worker: number): Promise<unknown> =>
    connections[worker]?.ask({
      method: 'GET',
      path,
      headers: path === '/me' ? { authorization: `Bearer ${tokens[turn++ % tokens.length] ?? ''}` } : {},
      expect: 200,
    })
  const round = () => runLoad({ pid: contestant.pid, connections: CONNECTIONS, ms: bench.roundMs, operation })
  return {
    turn: { name: contestant.name, warmUp: round, round },
    close: () => Promise.all(connections.map((connection) => connection.close())),
  }
}
