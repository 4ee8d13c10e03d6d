import {
  scriptMisbehaviour,
  createVirtualCard,
  type MisbehavingCard,
  type TokenLabel,
  type VirtualCard,
} from '@sekisho/virtual-card'
import {
  CARD_DEADLINES,
  createAgent,
  createInMemoryReaders,
  trustProviders,
  type Agent,
  type AgentOptions,
  type InMemoryReaders,
} from '../../src/index.ts'
import { startFakeProvider, type FakeProvider } from './fake-provider.ts'
import type { IssuedCard } from './issue-card.ts'
import { ask, type Answer } from './browse.ts'

export interface Stage {
  readonly agent: Agent
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly provider: FakeProvider
  /** The card itself: counters, and the log of what reached it. */
  readonly card: VirtualCard
  /** The card as the reader sees it: scripts, pulling out. */
  readonly onReader: MisbehavingCard
  readonly readers: InMemoryReaders
  /** Everything the agent logged. */
  readonly logged: { level: string; fields: Record<string, unknown>; message: string }[]
  /** Opens the page of a ticket as a browser does after the click on the provider's page. */
  open(ticketId: string, more?: string): Promise<Answer>
  close(): Promise<void>
}

export type StageOptions = Partial<Omit<AgentOptions, 'cards' | 'log'>> & {
  issued: IssuedCard
  triesLeft?: number
  pin?: string
  label?: TokenLabel
}

/** The agent on real sockets between a scripted provider and a virtual card. */
export async function startStage(options: StageOptions): Promise<Stage> {
  const { issued, triesLeft = 3, pin = '1234', label, ...rest } = options
  const provider = await startFakeProvider()
  const card = createVirtualCard({ authentication: { ...issued, pin, triesLeft }, ...(label && { label }) })
  const onReader = scriptMisbehaviour(card, {})
  const readers = createInMemoryReaders([onReader])
  const logged: Stage['logged'] = []
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => {
    logged.push({ level, fields, message })
  }
  const agent = createAgent({
    now: () => new Date(),
    port: 0,
    trustList: trustProviders([{ issuer: provider.origin, development: true }]),
    deadlines: { ...CARD_DEADLINES, commandMs: 400, sessionMs: 2_000 },
    watchTimes: { readersMs: 20, busyMs: 100, longestMs: 1500 },
    ...rest,
    cards: readers,
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  })
  const { url } = await agent.listen()
  return {
    agent,
    url,
    provider,
    card,
    onReader,
    readers,
    logged,
    open(ticketId, more = '') {
      const query = new URLSearchParams({ provider: new URL(provider.origin).host, ticket: ticketId })
      return ask(`${url}/sign-in?${query.toString()}${more}`)
    },
    async close() {
      await agent.close()
      await provider.close()
    },
  }
}
