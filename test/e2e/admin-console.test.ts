import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser
let console_: string

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false, withConsole: true })
  console_ = new URL(system.demo.urls.admin ?? '').origin
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await system.close()
})

/** On the provider's sign-in page, and then the agent's. */
test('attack 44: the first owner by invitation and card; a dangerous act with another tap; out again', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser, { locale: 'ja', viewport: 'desktop' })
  const { page, complaints } = watched
  await page.goto(system.demo.urls.invitation ?? '')
  await lookAt(page, 'admin-invitation')
  await page.locator('#accept button').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${console_}/admin`)

  await page.goto(`${console_}/admin/administrators`)
  expect(await page.locator('h1').textContent()).toBe('管理者')
  await lookAt(page, 'admin-administrators')
  const cookies = await page.context().cookies(console_)
  expect(cookies.find(({ name }) => name === 'sekisho_admin')).toMatchObject({ httpOnly: true, sameSite: 'Strict' })

  await page.locator('#invite input[value="approver"]').check()
  await page.locator('#invite button').click()
  await page.locator('#tap button').waitFor()
  await lookAt(page, 'admin-confirm')
  await page.locator('#tap button').click()
  await useCardInBrowser(page)
  await page.locator('#carry-out button').waitFor()
  await lookAt(page, 'admin-confirm-tapped')
  await page.locator('#carry-out button').click()
  expect(await page.locator('#invitation-link').textContent()).toContain(`${console_}/admin/invitation?token=`)

  await page.goto(`${console_}/admin/api-clients`)
  await lookAt(page, 'admin-api-clients')
  await page.goto(`${console_}/admin/api`)
  await lookAt(page, 'admin-reference')
  expect(complaints).toEqual([])

  await page.locator('form[action="/admin/sign-out"] button').click()
  expect(await page.locator('h1').textContent()).toBe('サインアウトしました')
  await page.goto(`${console_}/admin/administrators`)
  expect(await page.locator('#sign-in').count()).toBe(1)
})

test('on a phone, in English, by keyboard; a link from another site opens the page', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser, { locale: 'en', viewport: 'phone' })
  const { page } = watched
  await page.goto(`${console_}/admin/administrators`)
  await lookAt(page, 'admin-sign-in-phone')
  await page.locator('#sign-in button').focus()
  await page.keyboard.press('Enter')
  await useCardInBrowser(page)
  await page.waitForURL(`${console_}/admin/administrators**`)
  expect(await page.locator('h1').textContent()).toBe('Administrators')
  await lookAt(page, 'admin-administrators-phone')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip')

  // the cookie is Strict, and does not come along from elsewhere: the console asks for the page once more from itself
  await page.goto(system.demo.urls.shop)
  await page.evaluate((address) => {
    location.href = address
  }, `${console_}/admin/administrators`)
  await page.waitForURL(`${console_}/admin/administrators**`)
  await pollUntil(async () => (await page.locator('h1').textContent()) === 'Administrators')
  expect(await page.locator('#sign-in').count()).toBe(0)

  await page.goto(`${console_}/admin/nowhere`)
  await lookAt(page, 'admin-error-phone')
  expect(await page.locator('[data-error-code]').getAttribute('data-error-code')).toBe('SERVER_PAGE_NOT_FOUND')
})
