import type { CardReaders } from './card-readers.ts'
import type { CardDeadlines } from './card-deadlines.ts'
import { CardFailure } from './card-failure.ts'
import { createApduChannel, type ApduChannel, type ApduTrace } from './create-apdu-channel.ts'
import { withDeadline } from './with-deadline.ts'

export interface CardAccess {
  readonly cards: CardReaders
  readonly deadlines: CardDeadlines
  /** Milliseconds; only differences are used. */
  readonly monotonicMs: () => number
  readonly trace?: ApduTrace | undefined
}

/**
 * Takes the card on one reader, lets `work` speak to it, and gives it back reset, whatever happened.
 *
 * @throws CardFailure
 */
export async function withCard<T>(
  access: CardAccess,
  readerName: string,
  work: (channel: ApduChannel) => Promise<T>,
): Promise<T> {
  const { cards, deadlines, monotonicMs, trace } = access
  const connecting = cards.connect(readerName)
  const connection = await withDeadline(connecting, deadlines.connectMs, () => {
    // Whoever comes too late gives the card back at once.
    connecting.then((late) => late.release()).catch(() => undefined)
    return new CardFailure('READER_BUSY', 'connect')
  })
  try {
    return await work(createApduChannel({ connection, deadlines, monotonicMs, trace }))
  } finally {
    await withDeadline(connection.release(), deadlines.releaseMs, () => new CardFailure('CARD_TIMEOUT')).catch(
      () => undefined,
    )
  }
}
