import type { Contestant } from '../contestants/contestant.ts'
import { cpuMicrosecondsOf } from '../process/cpu-of-tree.ts'
import { refresh } from './ask-token-endpoints.ts'
import type { Crowd } from './open-crowd.ts'
import type { Tokens } from './log-in.ts'

/** The same request of many log-ins. */
export interface Phase {
  readonly name: string
  /** CPU time of the server for each of them. */
  readonly cpuMicroseconds: number
  /** Microseconds of the clock that V8’s profiles have too. */
  readonly from: number
  readonly to: number
}

/**
 * So many log-ins and a refresh of each, all of them request by request: everybody’s first, then everybody’s second … So the server does one
 * kind of thing at a time, and its CPU time is that of this kind.
 *
 * @param count a multiple of the size of the crowd
 */
export async function walkTogether(contestant: Contestant, crowd: Crowd, count: number): Promise<readonly Phase[]> {
  const workers = Array.from({ length: crowd.size }, (_, worker) =>
    Array.from({ length: count / crowd.size }, () =>
      contestant.walkLogIn(crowd.connection(worker), crowd.card(worker), { offline: true }),
    ),
  )
  const phases: Phase[] = []
  const tokens = workers.map(() => [] as Tokens[])
  const during = async (work: (worker: number) => Promise<string>): Promise<void> => {
    const [cpu, from] = [cpuMicrosecondsOf(contestant.pid), microseconds()]
    const names = await Promise.all(workers.map((_, worker) => work(worker)))
    phases.push({
      name: names[0] ?? '',
      cpuMicroseconds: (cpuMicrosecondsOf(contestant.pid) - cpu) / count,
      from,
      to: microseconds(),
    })
  }
  while (tokens[0]?.length === 0) {
    await during(async (worker) => {
      let name = 'POST /token'
      for (const walk of workers[worker] ?? []) {
        const { done, value } = await walk.next()
        if (done === true) tokens[worker]?.push(value)
        else name = value
      }
      return name
    })
  }
  await during(async (worker) => {
    for (const { refresh: token = '' } of tokens[worker] ?? []) {
      await refresh(crowd.connection(worker), contestant.siteSecret, token)
    }
    return REFRESH
  })
  return phases
}

/** What comes after the log-in. */
export const REFRESH = 'POST /token, refresh'

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
