import type { EventEmitter } from 'node:events'
import { pino } from 'pino'
import type { Log } from './log.ts'

/** A pipe that nobody reads must not keep the process. */
const DEADLINE_MS = 1_000

/** The last line before the process ends: lines are written in the background, and `process.exit` takes along what is not written yet. */
export async function sayLast(log: Log, line: string): Promise<void> {
  const stream = (log as unknown as Readonly<Record<symbol, Partial<EventEmitter> | undefined>>)[pino.symbols.streamSym]
  const written = new Promise<void>((resolve) => {
    // a destination that is no file has it once it is told; one that does not want it is not waited for
    if (stream?.once === undefined || !log.isLevelEnabled('info')) {
      resolve()
      return
    }
    const deadline = setTimeout(resolve, DEADLINE_MS)
    stream.once('drain', () => {
      clearTimeout(deadline)
      resolve()
    })
  })
  log.info(line)
  await written
}
