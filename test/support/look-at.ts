import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { checkAccessibility, takeScreenshot } from './chromium.ts'

/** What holds for every page: axe finds nothing, nothing scrolls sideways at the width that the page has now. And a picture, for people. */
export async function lookAt(page: Page, picture: string): Promise<void> {
  expect(await checkAccessibility(page), picture).toEqual([])
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  expect(width, `${picture} scrolls sideways`).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0)
  await takeScreenshot(page, picture)
}
