import { CardFailure } from './card-failure.ts'
import type { CardReader } from './card-readers.ts'
import { selectApplication } from './select-application.ts'
import { withCard, type CardAccess } from './with-card.ts'
import { withDeadline } from './with-deadline.ts'

export type FoundCard =
  | { readonly outcome: 'one'; readonly reader: CardReader }
  /** Which one is meant is not guessed. */
  | { readonly outcome: 'several'; readonly readerNames: readonly string[] }

/** @throws CardFailure READER_SERVICE_UNAVAILABLE, also when the service does not answer in time */
export function listReaders({ cards, deadlines }: CardAccess): Promise<readonly CardReader[]> {
  const timedOut = () => new CardFailure('READER_SERVICE_UNAVAILABLE', 'list')
  return withDeadline(cards.list(), deadlines.connectMs, timedOut)
}

/**
 * The reader that holds the My Number Card. Readers are probed by SELECT, not by name or ATR (jpki.md §6: a program that takes
 * the first reader takes the TPM's virtual one).
 *
 * @param chosen the reader a person named: taken as long as something lies on it
 * @throws CardFailure
 */
export async function findCard(access: CardAccess, chosen?: string): Promise<FoundCard> {
  const readers = await listReaders(access)
  if (readers.length === 0) throw new CardFailure('READER_NOT_FOUND')
  const occupied = readers.filter((reader) => reader.card === 'present')
  const [only] = occupied
  if (only === undefined) {
    throw new CardFailure(readers.some((reader) => reader.card === 'mute') ? 'CARD_UNSUPPORTED' : 'CARD_NOT_FOUND')
  }
  // The usual case costs no extra command: the errand itself selects the application.
  const meant = occupied.length === 1 ? only : occupied.find(({ name }) => name === chosen)
  return meant === undefined ? probe(access, occupied) : { outcome: 'one', reader: meant }
}

async function probe(access: CardAccess, occupied: readonly CardReader[]): Promise<FoundCard> {
  const found: CardReader[] = []
  let failure: unknown
  for (const reader of occupied) {
    try {
      await withCard(access, reader.name, selectApplication)
      found.push(reader)
    } catch (error) {
      // A busy or pulled card says more than a foreign one.
      if (!(error instanceof CardFailure)) throw error
      if (failure === undefined || error.code !== 'CARD_UNSUPPORTED') failure = error
    }
  }
  const [first] = found
  if (found.length > 1) return { outcome: 'several', readerNames: found.map(({ name }) => name) }
  if (first !== undefined) return { outcome: 'one', reader: first }
  throw failure
}
