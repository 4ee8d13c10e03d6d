import type { Page } from 'playwright-core'

/**
 * From the provider's page on: “use my card”, and on the agent's page the PIN, which is 1234 for every virtual card.
 *
 * @see Demo.useCard for whose card is on the reader
 */
export async function useCardInBrowser(page: Page): Promise<void> {
  await page.locator('#use-card button').click()
  await enterPin(page)
}

/** On the agent's page, once one may type there. */
export async function enterPin(page: Page, pin = '1234'): Promise<void> {
  await page.locator('#pin:focus').waitFor()
  await page.locator('#pin').fill(pin)
  await page.keyboard.press('Enter')
}
