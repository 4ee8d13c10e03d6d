import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser
let shop: string

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false, asksConsent: true })
  browser = await launchChromium()
  shop = system.demo.urls.shop
})
afterAll(async () => {
  await browser.close()
  await system.close()
})

/** As members signed in before there was the card. */
async function signInAsMember(page: Page, id: string, password: string): Promise<void> {
  await page.goto(`${shop}/member`)
  await page.locator('#member-id').fill(id)
  await page.locator('#password').fill(password)
  await page.keyboard.press('Enter')
  await page.locator('#link').waitFor()
}

/** By the tabulator key alone. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 15; presses++) {
    await page.keyboard.press('Tab')
    if (await page.locator(selector).evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`${selector} is not reached by the keyboard`)
}

describe('a member from before the card', () => {
  test('links the card with the keyboard alone, and is that member by the card from then on', async () => {
    const [id, width] = ['member-1001', 320]
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    await page.setViewportSize({ width, height: 800 })
    await signInAsMember(page, id, 'sakura')
    await page.locator('#link').click()

    await page.locator('#start').waitFor()
    expect(await page.locator('h1').textContent()).toBe('会員とカードの連携')
    expect(await page.locator('#link-external-id').textContent()).toBe(id)
    // the address says nothing that is secret
    expect(page.url()).toMatch(/\/link\/tickets\/[0-9a-f-]{36}\?lang=ja$/)
    await lookAt(page, `link-asked-${width}`)
    await tabTo(page, '#start button')
    await page.keyboard.press('Enter')
    await useCardInBrowser(page)

    await page.locator('#confirm').waitFor()
    expect(await page.locator('h1').textContent()).toBe('この会員とカードを連携しますか')
    await lookAt(page, `link-confirm-${width}`)
    // whoever just presses on stops
    await tabTo(page, '#stop button')
    await tabTo(page, '#confirm input[type="checkbox"]')
    await page.keyboard.press('Space')
    await tabTo(page, '#confirm button')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${shop}/member`)
    await page.locator('#notice').waitFor()

    await page.goto(shop)
    await page.locator('#sign-in').click()
    await page.locator('#consent button').click()
    await page.waitForURL(`${shop}/`)
    expect(await page.locator('#member').textContent()).toContain('1001')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.goto(`${system.issuer}/account`)
    await lookAt(page, `link-account-${width}`)
    expect(complaints).toEqual([])
  })

  test('attack 45: whose link was sent to somebody else: the shop takes it back', async () => {
    await system.demo.useCard('one-try-left')
    await using member = await openPage(browser)
    await signInAsMember(member.page, 'member-1001', 'sakura')
    await system.database.query('DELETE FROM external_accounts')
    await member.page.locator('#link').click()
    await member.page.locator('#start').waitFor()
    // the address that the member got, as it would be passed on: the shop's own answer, not followed
    await member.page.goto(`${shop}/member`)
    const answer = await member.page.request.post(`${shop}/link`, { maxRedirects: 0 })
    const passedOn = answer.headers()['location'] ?? ''
    expect(passedOn).toContain('/link/')

    await using victim = await openPage(browser)
    const { page } = victim
    await page.goto(passedOn)
    await page.locator('#start button').click()
    await page.waitForURL(`${system.issuer}/interaction/**`)
    await page.locator('#use-card button').click()
    await page.locator('#confirm-form button[type="submit"]').first().click()
    await page.locator('#pin').fill('1234')
    await page.keyboard.press('Enter')
    await page.locator('#confirm').waitFor()
    await page.locator('#confirm input[type="checkbox"]').check()
    await page.locator('#confirm button').click()
    await page.waitForURL(`${shop}/linked**`)
    await page.locator('[role="alert"]').waitFor()
    const { rows } = await system.database.query('SELECT FROM external_accounts')
    expect(rows).toHaveLength(0)
  })
})
