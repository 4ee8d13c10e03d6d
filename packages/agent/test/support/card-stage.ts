import {
  createVirtualCard,
  scriptMisbehaviour,
  type MisbehavingCard,
  type MisbehaviourScript,
  type VirtualCard,
  type VirtualCardOptions,
} from '@sekisho/virtual-card'
import { CARD_DEADLINES, type CardDeadlines } from '../../src/card/card-deadlines.ts'
import { createApduChannel, type ApduChannel } from '../../src/card/create-apdu-channel.ts'
import { createInMemoryReaders, type InMemoryReaders } from '../../src/card/in-memory-readers.ts'
import type { CardAccess } from '../../src/card/with-card.ts'
import type { IssuedCard } from './issue-card.ts'

export interface CardStage {
  readonly card: VirtualCard
  readonly onReader: MisbehavingCard
  readonly readers: InMemoryReaders
  readonly access: CardAccess
  /** What the trace showed. */
  readonly traced: string[]
}

/** Short enough for a test that waits for them, long enough for a busy machine: only a delay without end must pass them. */
export const SHORT_DEADLINES: CardDeadlines = {
  ...CARD_DEADLINES,
  commandMs: 150,
  sessionMs: 2_000,
  connectMs: 500,
  releaseMs: 150,
}

/** A virtual card on a reader in memory, without a web around it. */
export function layCard(
  issued: IssuedCard,
  options: Partial<VirtualCardOptions> & { triesLeft?: number; pin?: string; script?: MisbehaviourScript } = {},
): CardStage {
  const { triesLeft = 3, pin = '1234', script = {}, ...rest } = options
  const card = createVirtualCard({ authentication: { ...issued, pin, triesLeft }, ...rest })
  const onReader = scriptMisbehaviour(card, script)
  const readers = createInMemoryReaders([onReader])
  const traced: string[] = []
  const access: CardAccess = {
    cards: readers,
    deadlines: SHORT_DEADLINES,
    monotonicMs: () => performance.now(),
    trace: (exchange) => traced.push(JSON.stringify(exchange)),
  }
  return { card, onReader, readers, access, traced }
}

/** A channel to a card that answers each command with the next of these; the last one again and again. */
export function answering(...answers: readonly string[]): { channel: ApduChannel; sent: string[] } {
  const sent: string[] = []
  let given = 0
  const channel = createApduChannel({
    connection: {
      transmit(command) {
        sent.push(Buffer.from(command).toString('hex'))
        given = Math.min(given + 1, answers.length)
        return Promise.resolve(Buffer.from(answers[given - 1] ?? '', 'hex'))
      },
      release: () => Promise.resolve(),
    },
    deadlines: SHORT_DEADLINES,
    monotonicMs: () => performance.now(),
  })
  return { channel, sent }
}

/** The code of a failure, or what came instead. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no failure',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )
}
