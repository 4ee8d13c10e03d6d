import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { createVirtualCard } from '@sekisho/virtual-card'
import type { PinEntry } from '../../packages/agent/src/pin/pin-entry.ts'
import type { Stage, StageOptions } from '../../packages/agent/test/support/start-agent.ts'
import type { IssuedCard } from '../../packages/agent/test/support/issue-card.ts'
import { pollUntil } from './poll-until.ts'

/** One page that the agent can show. docs/agent.md has a picture of each; test/house/agent-guide.test.ts holds the two together. */
export interface AgentState {
  readonly name: string
  readonly page: string
  readonly code?: string
  readonly options?: Partial<StageOptions>
  /** What makes the page, from a fresh ticket's page on. */
  readonly reach?: (page: Page, stage: Stage, issued: IssuedCard) => Promise<void>
}

/** The page a provider's redirect would open. */
export function signInAddress(stage: Stage, ticketId: string): string {
  const query = { provider: new URL(stage.provider.origin).host, ticket: ticketId }
  return `${stage.url}/sign-in?${new URLSearchParams(query).toString()}`
}

/** A window of pinentry that nobody answers. */
const silentPinEntry: PinEntry = {
  kind: 'pinentry',
  ask: (_question, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve({ outcome: 'cancelled' })
      })
    }),
}

const enterPin = (pin: string) => async (page: Page) => {
  await page.locator('#pin').fill(pin)
  await Promise.all([page.waitForResponse('**/sign-in/pin'), page.locator('#pin').press('Enter')])
  await page.waitForLoadState()
}

export const AGENT_STATES: readonly AgentState[] = [
  { name: 'pin', page: 'pin' },
  { name: 'wrong-pin', page: 'pin', reach: enterPin('9999') },
  { name: 'last-try', page: 'confirm', options: { triesLeft: 1 } },
  {
    name: 'last-try-confirmed',
    page: 'pin',
    options: { triesLeft: 1 },
    reach: async (page) => {
      await page.locator('#confirm-form button').click()
    },
  },
  { name: 'blocked', page: 'problem', code: 'PIN_BLOCKED', options: { triesLeft: 0 } },
  {
    name: 'no-card',
    page: 'problem',
    code: 'CARD_NOT_FOUND',
    reach: async (page, stage) => {
      stage.readers.remove()
      await page.reload()
    },
  },
  {
    name: 'foreign-card',
    page: 'problem',
    code: 'CARD_UNSUPPORTED',
    reach: async (page, stage) => {
      stage.readers.insert({ transmit: () => Buffer.from('6a82', 'hex'), reset: () => undefined })
      await page.reload()
    },
  },
  {
    name: 'several-cards',
    page: 'choose',
    code: 'SEVERAL_CARDS',
    reach: async (page, stage, issued) => {
      stage.readers.insert(createVirtualCard({ authentication: issued }), 'Software reader 2')
      await page.reload()
    },
  },
  { name: 'telephone', page: 'pin', options: { label: 'JPKIAPGPSETOKEN' } },
  {
    name: 'keypad',
    page: 'pin',
    reach: async (page) => {
      await page.locator('#keypad-link').click()
      await page.locator('#key-3').click()
    },
  },
  { name: 'pinentry', page: 'pin', options: { pinEntry: silentPinEntry } },
  {
    name: 'pinentry-open',
    page: 'asking',
    options: { pinEntry: silentPinEntry },
    reach: async (page) => {
      // Another tab opens the window and waits; this one is reloaded meanwhile.
      const other = await page.context().newPage()
      await other.goto(page.url())
      await other.locator('#ask').click({ noWaitAfter: true })
      await pollUntil(() => page.reload().then(() => page.locator('main[data-page=asking]').isVisible()))
    },
  },
  {
    name: 'doctor',
    page: 'doctor',
    code: 'OK',
    reach: async (page, stage) => {
      await page.goto(`${stage.url}/doctor`)
    },
  },
  {
    name: 'doctor-no-card',
    page: 'doctor',
    code: 'CARD_NOT_FOUND',
    reach: async (page, stage) => {
      stage.readers.remove()
      await page.goto(`${stage.url}/doctor`)
    },
  },
  {
    name: 'signed',
    page: 'done',
    reach: async (page) => {
      // Without the refresh that carries it on at once, the page stays as long as one likes to look at it.
      await page.route('**/sign-in/pin', async (route) => {
        const response = await route.fetch()
        const body = (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, '')
        await route.fulfill({ response, body })
      })
      await enterPin('1234')(page)
    },
  },
  {
    name: 'provider-refused',
    page: 'failed',
    code: 'TICKET_REFUSED',
    reach: async (page, stage) => {
      stage.provider.misbehave(({ method }, response) => {
        if (method !== 'POST') return false
        response.writeHead(410, { 'content-type': 'application/json' }).end('{"error":"SIGNIN_TICKET_EXPIRED"}')
        return true
      })
      await enterPin('1234')(page)
    },
  },
  {
    name: 'other-sign-in',
    page: 'refusal',
    code: 'CEREMONY_BUSY',
    reach: async (page, stage) => {
      await page.goto(signInAddress(stage, stage.provider.issueTicket()))
    },
  },
  {
    name: 'unknown-provider',
    page: 'refusal',
    code: 'PROVIDER_UNKNOWN',
    reach: async (page, stage) => {
      await page.goto(`${stage.url}/sign-in?provider=stranger.example&ticket=${'A'.repeat(43)}`)
    },
  },
  {
    name: 'running',
    page: 'home',
    reach: async (page, stage) => {
      await page.goto(stage.url)
    },
  },
]

/** What a page says, without its numbers, which differ from day to day: a picture of other words is out of date. */
export function fingerprintOf(text: string | null): string {
  const words = (text ?? '').replace(/\d+/g, '#').replace(/\s+/g, ' ').trim()
  return createHash('sha256').update(words).digest('hex').slice(0, 16)
}
