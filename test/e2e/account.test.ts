import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { checkAccessibility, launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await system.close()
})

async function signInAtShop(page: Page): Promise<void> {
  await page.goto(system.demo.urls.shop)
  await page.locator('#sign-in').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${system.demo.urls.shop}/`)
}

test.each([
  ['ja', 'desktop', 'あなたのページ'],
  ['en', 'phone', 'Your page'],
] as const)('it opens with the card, in %s at %s width, and is accessible', async (locale, viewport, title) => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser, { locale, viewport })
  const { page, complaints } = watched
  await signInAtShop(page)
  await page.goto(`${system.issuer}/account`)
  expect(await page.locator('h1').textContent()).toBe(title)
  expect(await page.locator('#sites-title + ul .item-title').allTextContents()).toHaveLength(1)
  await lookAt(page, `account-${locale}-${viewport}`)
  expect(complaints).toEqual([])
})

test('without a session it asks for the card first', async () => {
  await system.demo.useCard('hanako')
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(`${system.issuer}/account`)
  await page.waitForURL(`${system.issuer}/interaction/**`)
  await useCardInBrowser(page)
  await page.waitForURL(`${system.issuer}/account`)
  expect(await page.locator('#sites-title ~ p').first().textContent()).toBe(
    'まだどのサイトにもサインインしていません。',
  )
  expect(await checkAccessibility(page)).toEqual([])
})

test('declining goes to a page that says so', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(`${system.issuer}/account`)
  await page.locator('#cancel').click()
  await page.waitForURL(`${system.issuer}/account/signed-in**`)
  expect(await page.locator('h1').textContent()).toBe('サインインしていません')
})

test('disconnecting a site ends its tokens, and is recorded', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser)
  const { page } = watched
  await signInAtShop(page)
  await page.goto(`${system.issuer}/account`)
  expect(Object.keys(await system.leftBehind())).toContain('AccessToken')
  await page.locator('form[action^="/account/disconnect"] button').first().click()
  await page.locator('[role="status"]').waitFor()
  expect(await page.locator('[role="status"]').textContent()).toBe('サイトとの接続を解除しました。')
  const { rows } = await system.database.query(
    `SELECT 1 FROM oidc_artifacts WHERE payload ->> 'clientId' = 'sample-shop' AND model IN ('Grant', 'AccessToken')
       AND payload ->> 'accountId' = (SELECT account_id::text FROM audit_events WHERE type = 'site.disconnected')`,
  )
  expect(rows).toEqual([])
  expect((await system.auditTrail()).at(-1)).toBe('site.disconnected')
})

test('ending this sign-in signs out; ending another leaves this one', async () => {
  await system.demo.useCard('taro')
  await using here = await openPage(browser)
  await using elsewhere = await openPage(browser)
  await signInAtShop(here.page)
  await signInAtShop(elsewhere.page)
  await here.page.goto(`${system.issuer}/account`)
  const others = here.page.locator('#sessions-title + ul li', { hasText: '別のブラウザー' })
  const before = await others.count()
  expect(before).toBeGreaterThan(0)
  await others.first().locator('button').click()
  await here.page.locator('[role="status"]').waitFor()
  expect(await others.count()).toBe(before - 1)

  await here.page.locator('#sessions-title + ul li', { hasText: 'このブラウザー' }).locator('button').click()
  await here.page.waitForURL(`${system.issuer}/interaction/**`)
})

test('closing the account signs out everywhere and refuses the card, with its own words', async () => {
  await system.demo.useCard('lost-and-reissued')
  await using watched = await openPage(browser)
  const { page } = watched
  await signInAtShop(page)
  await page.goto(`${system.issuer}/account`)
  await page.locator('#close-account input').evaluate((box) => {
    box.removeAttribute('required')
  })
  await page.locator('#close-account button').click()
  await page.locator('[role="status"]').waitFor()
  expect(await page.locator('h1').textContent()).toBe('あなたのページ')

  await page.locator('#close-account input').check()
  await page.locator('#close-account button').click()
  await page.waitForURL(`${system.issuer}/account/close**`)
  expect(await page.locator('h1').textContent()).toBe('アカウントを閉じました')
  expect(await checkAccessibility(page)).toEqual([])
  expect((await system.auditTrail()).at(-1)).toBe('account.closed')

  // the shop is told, and signs the person out by itself
  await expect
    .poll(
      async () => {
        await page.goto(system.demo.urls.shop)
        return page.locator('#claims').count()
      },
      { timeout: 15_000, interval: 500 },
    )
    .toBe(0)
  await page.goto(`${system.demo.urls.shop}/sign-in`)
  await useCardInBrowser(page)
  await page.locator('[data-error-code="LINK_ACCOUNT_CLOSED"]').waitFor()
})
