import { CardFailure } from '../card-failure.ts'
import { withDeadline } from '../with-deadline.ts'

export interface LateWork {
  /** Remembers a PC/SC call on a reader that nobody waits for any more. */
  add(readerName: string, work: Promise<void>): void
  /** Resolves when nothing is left of earlier work on this reader. @throws CardFailure('READER_BUSY') after `ms` */
  over(readerName: string, ms: number): Promise<void>
}

/**
 * Node has four threads for everything that blocks: files and names of hosts as well as PC/SC. A call that waits for another
 * program takes one of them until that program lets go; asked again and again it would take all, and the agent would stand still.
 * So there is one such call for a reader at a time, and two in all.
 */
export function createLateWork(maximum = 2): LateWork {
  const late = new Map<string, Promise<void>>()
  return {
    add(readerName, work) {
      const ended = work
        .catch(() => undefined)
        .then(() => {
          if (late.get(readerName) === ended) late.delete(readerName)
        })
      late.set(readerName, ended)
    },
    async over(readerName, ms) {
      const earlier = late.get(readerName)
      const busy = () => new CardFailure('READER_BUSY', 'earlier work')
      if (earlier !== undefined) await withDeadline(earlier, ms, busy)
      else if (late.size >= maximum) throw busy()
    },
  }
}
