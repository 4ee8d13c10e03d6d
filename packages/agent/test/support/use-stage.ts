import { afterEach, beforeAll } from 'vitest'
import type { Answer } from './browse.ts'
import { issueCard, type IssuedCard } from './issue-card.ts'
import { startStage, type Stage, type StageOptions } from './start-agent.ts'

export interface StageOfTest {
  readonly stage: Stage
  /** Sets the stage and issues a ticket. */
  set(options?: Partial<StageOptions>): Promise<string>
  /** Sets the stage and opens the page of a ticket. */
  openPage(options?: Partial<StageOptions>): Promise<Answer>
  triesLeft(): number | undefined
  /** How often a PIN reached the card. */
  verifies(): number
  /** The failures told to the provider; undefined for a signature. */
  errors(): unknown[]
}

/** One stage for each test that sets it, taken down afterwards; one key for all of a file. */
export function useStage(): StageOfTest {
  let issued: IssuedCard
  let current: Stage | undefined
  beforeAll(async () => {
    issued = await issueCard()
  })
  afterEach(async () => {
    await current?.close()
    current = undefined
  })

  const use: StageOfTest = {
    get stage() {
      if (current === undefined) throw new Error('the stage is not set')
      return current
    },
    async set(options = {}) {
      current = await startStage({ issued, ...options })
      return current.provider.issueTicket()
    },
    async openPage(options) {
      const ticketId = await use.set(options)
      return use.stage.open(ticketId)
    },
    triesLeft: () => use.stage.card.triesLeft('authentication'),
    verifies: () =>
      use.stage.card.log.filter(({ name, command }) => name === 'VERIFY' && command.endsWith('****')).length,
    errors: () => use.stage.provider.results().map(({ error }) => error),
  }
  return use
}
