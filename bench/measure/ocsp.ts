import type { Bench } from '../bench.ts'
import { openCrowd } from '../load/open-crowd.ts'

const TOGETHER = 64

/** How often the national service is asked when the same card comes many times. */
export async function measureOcsp(bench: Bench): Promise<void> {
  const [ours, nation, cards] = [await bench.arena.ours(), await bench.arena.nation(), await bench.arena.cards()]
  const [card] = cards
  if (card === undefined) throw new Error('there is no card')
  nation.hold('fifteen minutes')
  const crowd = openCrowd(ours, new Array<typeof card>(TOGETHER).fill(card), TOGETHER)
  try {
    const before = nation.asked
    await crowd.logIn(TOGETHER, { offline: false })
    bench.reach('ocspTogether', nation.asked - before)
    const afterwards = nation.asked
    await crowd.logIn(TOGETHER, { offline: false })
    bench.reach('ocspCachedNetwork', nation.asked - afterwards)
  } finally {
    nation.hold('never')
    await crowd.close()
  }
}
