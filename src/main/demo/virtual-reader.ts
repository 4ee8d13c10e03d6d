import { createInMemoryReaders, type InMemoryReaders } from '@sekisho/agent'
import { createVirtualCard, type VirtualCard } from '@sekisho/virtual-card'
import type { PersonaCard, VirtualJpki } from '@sekisho/virtual-jpki'

/** The one reader of the demonstration, and whose card lies on it. */
export interface VirtualReader {
  readonly readers: InMemoryReaders
  /** undefined: none. */
  readonly persona: string | undefined
  /** PIN tries that the card on the reader has left. */
  readonly triesLeft: number | undefined
  /** Puts a persona's card on the reader. Cards keep their PIN counters; `fresh`: as it was issued. @throws RangeError */
  useCard(persona: string, options?: { readonly fresh?: boolean }): Promise<VirtualCard>
  takeAway(): void
  close(): void
}

/** Follows what happens to the person whose card it is: after a renewal, their new card lies there. */
export function createVirtualReader(jpki: VirtualJpki): VirtualReader {
  const readers = createInMemoryReaders()
  // by the card itself: a renewal gives the person another one, with counters of its own
  const cards = new WeakMap<PersonaCard, VirtualCard>()
  let onReader: { readonly persona: string; readonly card: VirtualCard } | undefined

  const useCard: VirtualReader['useCard'] = async (persona, { fresh = false } = {}) => {
    const issued = await jpki.card(persona)
    const card = (fresh ? undefined : cards.get(issued)) ?? createVirtualCard(issued)
    cards.set(issued, card)
    onReader = { persona, card }
    readers.insert(card)
    return card
  }
  const stopListening = jpki.onEvent((event) => {
    if (event.persona === onReader?.persona) void useCard(event.persona)
  })

  return {
    readers,
    get persona() {
      return onReader?.persona
    },
    get triesLeft() {
      return onReader?.card.triesLeft('authentication')
    },
    useCard,
    takeAway() {
      onReader = undefined
      readers.remove()
    },
    close: stopListening,
  }
}
