import { CardFailure } from './card-failure.ts'
import type { CardConnection, CardReader, CardReaders } from './card-readers.ts'

/** A card inside this process. `transmit` answers with status bytes; it throws when the card is not there any more. */
export interface SoftwareCard {
  transmit(command: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** Forgets the selected file and the verified PIN. */
  reset(): void
  /** A card that can be pulled says here whether it lies on the reader. */
  readonly present?: boolean
}

export interface InMemoryReaders extends CardReaders {
  /** Puts a card on the reader, in place of what lay there; makes the reader if there is none of that name. */
  insert(card: SoftwareCard, readerName?: string): void
  /** Takes the card away; the reader stays. */
  remove(readerName?: string): void
  /** Takes the reader away, and what lies on it. */
  unplug(readerName?: string): void
}

/**
 * Readers without a PC/SC service: for the demonstration and for tests. Behaves like the real thing in what matters: one program
 * at a time, a removed card fails the session for good, a release resets.
 */
export function createInMemoryReaders(cards: readonly SoftwareCard[] = []): InMemoryReaders {
  const slots = new Map<string, { card: SoftwareCard | undefined; takenBy: object | undefined; insertion: number }>()
  let insertions = 0
  const nameOf = (index: number) => `Software reader ${String(index + 1)}`
  const readers: InMemoryReaders = {
    insert(card, readerName = nameOf(0)) {
      insertions += 1
      slots.set(readerName, { card, takenBy: undefined, insertion: insertions })
    },
    remove(readerName = nameOf(0)) {
      slots.set(readerName, { card: undefined, takenBy: undefined, insertion: insertions })
    },
    unplug(readerName = nameOf(0)) {
      slots.delete(readerName)
    },
    list() {
      const found = [...slots].map(([name, { card, insertion }]): CardReader => ({
        name,
        card: isOn(card) ? 'present' : 'absent',
        insertion,
      }))
      return Promise.resolve(found)
    },
    async connect(readerName) {
      await Promise.resolve()
      const slot = slots.get(readerName)
      if (slot === undefined) throw new CardFailure('READER_REMOVED')
      if (!isOn(slot.card)) throw new CardFailure('CARD_NOT_FOUND')
      if (slot.takenBy !== undefined) throw new CardFailure('READER_BUSY')
      const connection = connectTo(
        slot.card,
        () => slots.get(readerName) === slot,
        () => (slot.takenBy = undefined),
      )
      slot.takenBy = connection
      return connection
    },
    close: () => Promise.resolve(),
  }
  cards.forEach((card, index) => {
    readers.insert(card, nameOf(index))
  })
  return readers
}

function isOn(card: SoftwareCard | undefined): card is SoftwareCard {
  return card !== undefined && card.present !== false
}

function connectTo(card: SoftwareCard, isThere: () => boolean, letGo: () => void): CardConnection {
  const commands = new Set<symbol>()
  let isReleased = false

  function giveBackWhenIdle(): void {
    if (!isReleased || commands.size > 0) return
    card.reset()
    letGo()
  }

  return {
    async transmit(command) {
      if (!isThere() || isReleased) throw new CardFailure('CARD_REMOVED')
      const underWay = Symbol('command')
      commands.add(underWay)
      try {
        const answer = await card.transmit(command)
        if (!isThere()) throw new CardFailure('CARD_REMOVED')
        return answer
      } catch (error) {
        throw error instanceof CardFailure ? error : new CardFailure('CARD_REMOVED', undefined, { cause: error })
      } finally {
        commands.delete(underWay)
        giveBackWhenIdle()
      }
    },
    release() {
      isReleased = true
      giveBackWhenIdle()
      return Promise.resolve()
    },
  }
}
