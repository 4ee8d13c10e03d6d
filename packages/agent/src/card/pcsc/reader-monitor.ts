import type { Client, Reader } from 'pcsc-mini'
import type * as Pcsc from 'pcsc-mini'
import { CardFailure } from '../card-failure.ts'
import type { CardReader } from '../card-readers.ts'
import { failByPcscCode } from './fail-by-pcsc-code.ts'

export interface ReaderMonitor {
  /** The readers as the service last told. */
  readers(): readonly CardReader[]
  /** The handle of a reader to connect through. */
  reader(name: string): Reader | undefined
  /** False once the service is gone; a monitor does not come back. */
  readonly alive: boolean
  /** Resolves once the first readers are known, or none has come in `ms`. PC/SC tells of readers, never that there is none. */
  settled(ms: number): Promise<void>
  stop(): void
}

/** Readers are told one after the other; how long after the first the last may come. */
const NEXT_READER_MS = 30

/**
 * A monitor that could not be stopped, because its service was gone, must not be collected: its sessions point into it.
 * One entry for each death of the service.
 */
const undead = new Set<Client>()

/**
 * @param nextInsertion a number that was not given before, for each card put on a reader
 * @throws CardFailure('READER_SERVICE_UNAVAILABLE')
 */
export function startReaderMonitor(pcsc: typeof Pcsc, nextInsertion: () => number): ReaderMonitor {
  const { ReaderStatus } = pcsc
  const client = new pcsc.Client()
  const states = new Map<string, { reader: Reader; card: CardReader['card']; insertion: number }>()
  const waiting = new Set<() => void>()
  let alive = true
  const startedAt = performance.now()

  function tell(): void {
    for (const wake of waiting) wake()
  }

  client.on('reader', (reader) => {
    const name = reader.name()
    reader.on('change', (status) => {
      const present = status.has(ReaderStatus.PRESENT)
      const mute = status.has(ReaderStatus.MUTE)
      const card = mute ? 'mute' : present ? 'present' : 'absent'
      const before = states.get(name)
      const stays = before !== undefined && (before.card === card || card === 'absent')
      states.set(name, { reader, card, insertion: stays ? before.insertion : nextInsertion() })
      tell()
    })
    reader.on('disconnect', () => {
      states.delete(name)
    })
  })
  client.on('error', () => {
    // The thread behind the monitor has ended, whatever the reason. The next question starts another.
    stop()
    tell()
  })

  function stop(): void {
    if (!alive) return
    alive = false
    states.clear()
    try {
      client.stop()
    } catch {
      undead.add(client)
    }
  }

  try {
    client.start()
  } catch (error) {
    throw toServiceFailure(error)
  }

  return {
    readers: () => [...states].map(([name, { card, insertion }]) => ({ name, card, insertion })),
    reader: (name) => states.get(name)?.reader,
    get alive() {
      return alive
    },
    async settled(ms) {
      const left = ms - (performance.now() - startedAt)
      if (!alive || states.size > 0 || left <= 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(end, left)
        waiting.add(wake)
        function wake(): void {
          waiting.delete(wake)
          clearTimeout(timer)
          setTimeout(end, NEXT_READER_MS)
        }
        function end(): void {
          waiting.delete(wake)
          resolve()
        }
      })
    },
    stop,
  }
}

function toServiceFailure(error: unknown): CardFailure {
  const failure = failByPcscCode(error, 'connect')
  return new CardFailure('READER_SERVICE_UNAVAILABLE', failure.detail)
}
