import { CardFailure } from './card-failure.ts'
import { selectApplication } from './select-application.ts'
import { withCard, type CardAccess } from './with-card.ts'
import { withDeadline } from './with-deadline.ts'

/**
 * The reader that holds the one My Number Card. Readers are probed by SELECT, not by name or ATR (jpki.md §6: a program that takes
 * the first reader takes the TPM's virtual one).
 *
 * @returns the reader's name, or 'several' when more than one holds a My Number Card: which one is meant is not guessed
 * @throws CardFailure
 */
export async function findCard(access: CardAccess): Promise<{ readerName: string } | 'several'> {
  const timedOut = () => new CardFailure('READER_SERVICE_UNAVAILABLE', 'list')
  const readers = await withDeadline(access.cards.list(), access.deadlines.connectMs, timedOut)
  if (readers.length === 0) throw new CardFailure('READER_NOT_FOUND')
  const occupied = readers.filter((reader) => reader.card === 'present')
  const [only] = occupied
  if (only === undefined) {
    throw new CardFailure(readers.some((reader) => reader.card === 'mute') ? 'CARD_UNSUPPORTED' : 'CARD_NOT_FOUND')
  }
  // The usual case costs no extra command: the errand itself selects the application.
  if (occupied.length === 1) return { readerName: only.name }
  return probe(
    access,
    occupied.map((reader) => reader.name),
  )
}

async function probe(access: CardAccess, names: readonly string[]): Promise<{ readerName: string } | 'several'> {
  const found: string[] = []
  let failure: unknown
  for (const name of names) {
    try {
      await withCard(access, name, selectApplication)
      found.push(name)
    } catch (error) {
      // A busy or pulled card says more than a foreign one.
      if (!(error instanceof CardFailure)) throw error
      if (failure === undefined || error.code !== 'CARD_UNSUPPORTED') failure = error
    }
  }
  const [first] = found
  if (found.length > 1) return 'several'
  if (first !== undefined) return { readerName: first }
  throw failure
}
