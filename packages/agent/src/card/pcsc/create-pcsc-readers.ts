import { setTimeout as pause } from 'node:timers/promises'
import type * as Pcsc from 'pcsc-mini'
import type { Card } from 'pcsc-mini'
import { CardFailure } from '../card-failure.ts'
import type { CardReaders } from '../card-readers.ts'
import { withDeadline } from '../with-deadline.ts'
import { failByPcscCode, pcscCodeOf } from './fail-by-pcsc-code.ts'
import { openPcscConnection } from './open-pcsc-connection.ts'
import { createReaderLocks } from './reader-locks.ts'
import { startReaderMonitor, type ReaderMonitor } from './reader-monitor.ts'

export interface PcscWaits {
  /** How long to wait for the first reader to be told. */
  readonly settleMs: number
  /** How long another program may hold the card, all in all. */
  readonly busyMs: number
  /** Between two tries to connect to a card that is held exclusively. */
  readonly againMs: number
}

const WAITS: PcscWaits = Object.freeze({ settleMs: 800, busyMs: 3_000, againMs: 150 })

/** The readers of this computer. At most four are seen (a limit of pcsc-mini). */
export function createPcscReaders(waits: PcscWaits = WAITS): CardReaders {
  const locks = createReaderLocks()
  let monitor: ReaderMonitor | undefined
  let insertions = 0

  function running(pcsc: typeof Pcsc): ReaderMonitor {
    if (monitor?.alive !== true) monitor = startReaderMonitor(pcsc, () => (insertions += 1))
    return monitor
  }

  return {
    async list() {
      const current = running(await loadPcsc())
      await current.settled(waits.settleMs)
      if (!current.alive) throw new CardFailure('READER_SERVICE_UNAVAILABLE', 'monitor ended')
      return current.readers()
    },

    async connect(name) {
      const pcsc = await loadPcsc()
      const current = running(pcsc)
      await current.settled(waits.settleMs)
      const endsAt = performance.now() + waits.busyMs
      const lock = await locks.take(name, waits.busyMs)
      const taking = connectShared(pcsc, current, name, { endsAt, againMs: waits.againMs })
        .then((card) =>
          openPcscConnection(pcsc, card, {
            // A fresh monitor has a fresh set of places for cards.
            onLeak: () => current.stop(),
            onAbandoned: lock.abandon,
            onReleased: lock.free,
          }),
        )
        .catch((error: unknown) => {
          lock.free()
          throw error
        })
      return withDeadline(taking, Math.max(endsAt - performance.now(), waits.againMs), () => {
        lock.abandon()
        taking.then((connection) => connection.release()).catch(() => undefined)
        return new CardFailure('READER_BUSY', 'transaction')
      })
    },

    close() {
      monitor?.stop()
      return Promise.resolve()
    },
  }
}

/** SHARED: what makes the card ours is the transaction. A program that holds it EXCLUSIVE is waited for. */
async function connectShared(
  pcsc: typeof Pcsc,
  monitor: ReaderMonitor,
  name: string,
  { endsAt, againMs }: { endsAt: number; againMs: number },
): Promise<Card> {
  for (;;) {
    const reader = monitor.reader(name)
    if (!monitor.alive) throw new CardFailure('READER_SERVICE_UNAVAILABLE', 'monitor ended')
    if (reader === undefined) throw new CardFailure('READER_REMOVED')
    try {
      return await reader.connect(pcsc.CardMode.SHARED)
    } catch (error) {
      if (pcscCodeOf(error) !== 'SharingViolation' || performance.now() + againMs > endsAt) {
        throw failByPcscCode(error, 'connect')
      }
      await pause(againMs)
    }
  }
}

/** Loaded when first needed: without its native part, or without PC/SC on the system, the rest of the program still runs. */
async function loadPcsc(): Promise<typeof Pcsc> {
  try {
    return await import('pcsc-mini')
  } catch (error) {
    throw new CardFailure('READER_SERVICE_UNAVAILABLE', 'PC/SC is not installed', { cause: error })
  }
}
