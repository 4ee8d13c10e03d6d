import type { Page } from 'playwright-core'

/** What the provider's pages say of the agent. docs/agent.md has a picture of each. */
export interface ProviderAgentState {
  readonly name: string
  /** Whether the person lets the page look at the own computer. */
  readonly mayLook: boolean
  readonly reach: (page: Page, urls: { readonly provider: string; readonly shop: string }) => Promise<void>
}

const signIn: ProviderAgentState['reach'] = async (page, { provider, shop }) => {
  await page.goto(shop)
  await page.locator('#sign-in').click()
  await page.waitForURL(`${provider}/interaction/**`)
  await page.locator('#use-card button').click()
  await page.locator('#agent-missing-title:focus').waitFor()
}

export const PROVIDER_STATES: readonly ProviderAgentState[] = [
  { name: 'not-found', mayLook: true, reach: signIn },
  { name: 'may-not-look', mayLook: false, reach: signIn },
  {
    name: 'get-it',
    mayLook: false,
    reach: async (page, { provider }) => {
      await page.goto(`${provider}/agent`)
    },
  },
]
