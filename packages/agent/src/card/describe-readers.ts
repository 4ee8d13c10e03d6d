import { CardFailure } from './card-failure.ts'
import { listReaders } from './find-card.ts'
import type { CardAccess } from './with-card.ts'

/**
 * Which readers there are and what lies on them, as a text to compare with an earlier one: when it differs, another look at the card
 * is worth its while. No command goes to a card.
 */
export async function describeReaders(access: CardAccess): Promise<string> {
  try {
    const readers = await listReaders(access)
    return readers
      .map(({ name, card, insertion }) => `${name}:${card}:${String(insertion)}`)
      .toSorted()
      .join('\n')
  } catch (error) {
    if (error instanceof CardFailure) return error.code
    throw error
  }
}
