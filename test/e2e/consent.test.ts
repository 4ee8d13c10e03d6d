import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false, asksConsent: true })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await system.close()
})
beforeEach(() => system.database.query('TRUNCATE consents'))

async function goToConsent(page: Page): Promise<void> {
  await page.goto(system.demo.urls.shop)
  await page.locator('#sign-in').click()
  await useCardInBrowser(page)
  await page.locator('#consent').waitFor()
}

describe.each([
  ['ja', 1280, 'light', 'このサイトに伝えてよいですか', '同意して進む'],
  ['en', 320, 'dark', 'May this site know you?', 'Agree and continue'],
] as const)('in %s, %i px wide, %s', (locale, width, colorScheme, title, button) => {
  test('a person sees what the shop would get, agrees, and finds it on their page', async () => {
    await using watched = await openPage(browser, { locale })
    const { page, complaints } = watched
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    await goToConsent(page)
    expect(await page.locator('h1').textContent()).toBe(title)
    expect(await page.locator('#consent button').textContent()).toBe(button)
    await lookAt(page, `consent-${locale}-${width}`)
    await page.locator('#consent button').click()
    await page.waitForURL(`${system.demo.urls.shop}/`)
    expect(await page.locator('#claims').count()).toBe(1)
    await page.goto(`${system.issuer}/account`)
    expect(await page.locator('.receives').count()).toBe(1)
    await lookAt(page, `account-consent-${locale}-${width}`)
    expect(complaints).toEqual([])
  })
})

test('with the keyboard alone, and the language changed on the way', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await goToConsent(page)
  await page.locator('.language').click()
  expect(await page.locator('h1').textContent()).toBe('May this site know you?')
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab')
    if (await page.locator('#consent button').evaluate((element) => element === document.activeElement)) break
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(`${system.demo.urls.shop}/`)
})

test('without JavaScript; the next time nobody is asked', async () => {
  await using watched = await openPage(browser, { javaScriptEnabled: false })
  const { page } = watched
  const given = (await system.auditTrail()).filter((type) => type === 'consent.given').length
  await goToConsent(page)
  await page.locator('#consent button').click()
  await page.waitForURL(`${system.demo.urls.shop}/`)
  await page.goto(`${system.demo.urls.shop}/sign-in`)
  await page.waitForURL(`${system.demo.urls.shop}/`)
  expect((await system.auditTrail()).filter((type) => type === 'consent.given').length).toBe(given + 1)
})

test('going back is access_denied at the shop; disconnecting means being asked again', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await goToConsent(page)
  await page.locator('#cancel').click()
  await page.waitForURL(`${system.demo.urls.shop}/callback**`)
  expect(await page.locator('[data-oauth-error]').getAttribute('data-oauth-error')).toBe('access_denied')
  expect((await system.auditTrail()).at(-1)).toBe('consent.declined')

  await page.goto(`${system.demo.urls.shop}/sign-in`)
  await page.locator('#consent button').click()
  await page.waitForURL(`${system.demo.urls.shop}/`)
  await page.goto(`${system.issuer}/account`)
  await page.locator('form[action^="/account/disconnect"] button').click()
  await page.locator('[role="status"]').waitFor()
  expect((await system.auditTrail()).slice(-2)).toEqual(['consent.withdrawn', 'site.disconnected'])
  await page.goto(`${system.demo.urls.shop}/sign-in`)
  await page.locator('#consent').waitFor()
})
