import { CardFailure } from '../card-failure.ts'
import { withDeadline } from '../with-deadline.ts'

export interface ReaderLock {
  /** The PC/SC call that holds it cannot be called off, and nobody waits for it any more. */
  readonly abandon: () => void
  /** Nothing of ours is left on the reader. */
  readonly free: () => void
}

export interface ReaderLocks {
  /** The reader, for one connection from its first PC/SC call to its last. @throws CardFailure('READER_BUSY') after `ms` */
  take(readerName: string, ms: number): Promise<ReaderLock>
}

/**
 * SCardConnect and SCardBeginTransaction wait without end while a card is in a transaction, our own included. Node has four threads
 * for everything that waits: files and names of hosts as well as PC/SC. Asked again and again it would give them all away, and
 * the agent would stand still. So there is one connection for a reader at a time, and at most two abandoned calls in all.
 */
export function createReaderLocks(maximumAbandoned = 2): ReaderLocks {
  const held = new Map<string, Promise<void>>()
  const abandoned = new Set<string>()
  const busy = () => new CardFailure('READER_BUSY', 'held')

  return {
    async take(readerName, ms) {
      const endsAt = performance.now() + ms
      for (;;) {
        const earlier = held.get(readerName)
        if (earlier === undefined) break
        await withDeadline(earlier, Math.max(endsAt - performance.now(), 0), busy)
      }
      if (abandoned.size >= maximumAbandoned) throw busy()
      const { promise, resolve } = Promise.withResolvers<undefined>()
      held.set(readerName, promise)
      return {
        abandon() {
          if (held.get(readerName) === promise) abandoned.add(readerName)
        },
        free() {
          if (held.get(readerName) !== promise) return
          held.delete(readerName)
          abandoned.delete(readerName)
          resolve(undefined)
        },
      }
    },
  }
}
