import { percentileOf } from '../judge/statistics.ts'
import { cpuMicrosecondsOf } from '../process/cpu-of-tree.ts'

/** What one round of load came to. */
export interface LoadFigures {
  readonly operations: number
  readonly perSecond: number
  /** User and system time of the server's processes for one operation. */
  readonly cpuMicroseconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Load {
  /** Whose processes are charged. */
  readonly pid: number
  /** So many do it at a time, each again and again. */
  readonly connections: number
  readonly ms: number
  /** @param worker which of them, from 0 @throws when an answer was no success: then the round fails as a whole */
  readonly operation: (worker: number) => Promise<unknown>
}

export async function runLoad({ pid, connections, ms, operation }: Load): Promise<LoadFigures> {
  const timesMs: number[] = []
  const cpuBefore = cpuMicrosecondsOf(pid)
  const beganAt = performance.now()
  const endsAt = beganAt + ms
  let hasFailed = false
  const work = async (worker: number): Promise<void> => {
    while (performance.now() < endsAt && !hasFailed) {
      const startedAt = performance.now()
      await operation(worker)
      timesMs.push(performance.now() - startedAt)
    }
  }
  await Promise.all(
    Array.from({ length: connections }, (_, worker) =>
      work(worker).catch((fault: unknown) => {
        hasFailed = true
        throw fault
      }),
    ),
  )
  const seconds = (performance.now() - beganAt) / 1000
  const operations = timesMs.length
  return {
    operations,
    perSecond: operations / seconds,
    cpuMicroseconds: (cpuMicrosecondsOf(pid) - cpuBefore) / operations,
    p50Ms: percentileOf(timesMs, 0.5),
    p99Ms: percentileOf(timesMs, 0.99),
  }
}
