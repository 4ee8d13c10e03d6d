import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { checkAccessibility, launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

/** Nobody can be asked who a new card's owner was before: the person proves it with a code, or starts anew. */
let system: WholeSystem
let browser: Browser

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false, withoutLinkage: true })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await system.close()
})

async function tapCard(page: Page, persona: string): Promise<void> {
  await system.demo.useCard(persona)
  await page.goto(system.demo.urls.shop)
  await page.locator('#sign-in').click()
  await useCardInBrowser(page)
}

async function subAtShop(page: Page): Promise<unknown> {
  await page.waitForURL(`${system.demo.urls.shop}/`)
  return (JSON.parse((await page.locator('#claims').textContent()) ?? '') as Record<string, unknown>)['sub']
}

const atChoice = (page: Page): Promise<void> => page.waitForURL(`${system.issuer}/interaction/*/choice**`)

async function startAnew(page: Page): Promise<void> {
  await atChoice(page)
  await page.locator('#new-here input[type="checkbox"]').check()
  await page.locator('#new-here button').click()
}

test('a new card takes over the old one’s sign-ins with a hand-over code, once', async () => {
  await using old = await openPage(browser)
  await tapCard(old.page, 'taro')
  await startAnew(old.page)
  const sub = await subAtShop(old.page)

  await old.page.goto(`${system.issuer}/account`)
  await old.page.locator('#hand-over button').click()
  const code = (await old.page.locator('#hand-over-code').textContent()) ?? ''
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/)
  expect(await old.page.locator('.qr svg').count()).toBe(1)
  await lookAt(old.page, 'hand-over-code')
  expect(old.complaints).toEqual([])

  // shown once: the page says that a code stands, and no more
  await old.page.goto(`${system.issuer}/account`)
  expect(await old.page.content()).not.toContain(code)
  const { rows } = await system.database.query<{ text: string }>('SELECT h::text AS text FROM hand_over_codes h')
  expect(rows).toHaveLength(1)
  expect(rows[0]?.text).not.toContain(code)

  await using renewed = await openPage(browser)
  const { page } = renewed
  await tapCard(page, 'hanako')
  await atChoice(page)
  await lookAt(page, 'choice')
  // a slip of the finger is told from a code that does not work, and costs nothing
  await page.locator('#code').fill(`${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`)
  await page.locator('#renewed button').click()
  await page.locator('[data-error-code="LINK_HAND_OVER_CODE_MISTYPED"]').waitFor()
  expect(await checkAccessibility(page)).toEqual([])
  await page.locator('#code').fill(` ${code.toLowerCase().replaceAll('-', ' ')} `)
  await page.locator('#renewed button').click()
  expect(await subAtShop(page)).toBe(sub)

  // the old card has been replaced, and the code is used up
  await using late = await openPage(browser)
  await tapCard(late.page, 'taro')
  await late.page.locator('[data-error-code="LINK_CREDENTIAL_SUPERSEDED"]').waitFor()
  await using thief = await openPage(browser)
  await tapCard(thief.page, 'linkage-down')
  await atChoice(thief.page)
  await thief.page.locator('#code').fill(code)
  await thief.page.locator('#renewed button').click()
  await thief.page.locator('[data-error-code="LINK_HAND_OVER_CODE_INVALID"]').waitFor()
})

test('a phone joins the account of the card with a code, and both go on', async () => {
  await using withCard = await openPage(browser)
  await tapCard(withCard.page, 'hanako')
  const sub = await subAtShop(withCard.page)
  await withCard.page.goto(`${system.issuer}/account`)
  await withCard.page.locator('#hand-over button').click()
  const code = (await withCard.page.locator('#hand-over-code').textContent()) ?? ''

  await using withPhone = await openPage(browser, { viewport: 'phone' })
  await tapCard(withPhone.page, 'taro-phone')
  await atChoice(withPhone.page)
  expect(await withPhone.page.locator('h1').textContent()).toBe('このスマートフォンは初めて使われました')
  await lookAt(withPhone.page, 'choice-phone')
  await withPhone.page.locator('#code').fill(code)
  await withPhone.page.locator('#renewed button').click()
  expect(await subAtShop(withPhone.page)).toBe(sub)
  await withPhone.page.goto(`${system.issuer}/account`)
  expect(await withPhone.page.locator('#cards-title + ul .badge').allTextContents()).toEqual(
    expect.arrayContaining(['利用中', '利用中']),
  )
  expect(withPhone.complaints).toEqual([])

  await using again = await openPage(browser)
  await tapCard(again.page, 'hanako')
  expect(await subAtShop(again.page)).toBe(sub)
})

test('starting anew without saying that it was understood asks again, and makes no account', async () => {
  const before = await system.leftBehind()
  await using watched = await openPage(browser, { locale: 'en' })
  const { page } = watched
  await tapCard(page, 'taro-renewed')
  await atChoice(page)
  await page.locator('#new-here input[type="checkbox"]').evaluate((box) => {
    box.removeAttribute('required')
  })
  await page.locator('#new-here button').click()
  await page.locator('#understood-error').waitFor()
  expect(await checkAccessibility(page)).toEqual([])
  expect(await system.leftBehind()).toEqual(before)
  await page.locator('#new-here input[type="checkbox"]').check()
  await page.locator('#new-here button').click()
  expect(await subAtShop(page)).toEqual(expect.any(String))
})

test('attack 13: the question of one browser is not answered in another', async () => {
  const before = await system.leftBehind()
  await using asked = await openPage(browser)
  await tapCard(asked.page, 'taro-renewed-twice')
  await atChoice(asked.page)
  const token = await asked.page.locator('#new-here input[name="choice"]').inputValue()

  const other = await system.beginSignIn()
  const seen = await other.browser.submit(other.page, `/interaction/${other.interactionId}/choice`, {
    choice: token,
    answer: 'new',
    understood: 'yes',
  })
  expect(seen.html).toContain('data-error-code="SIGNIN_OTHER_BROWSER"')
  await startAnew(asked.page)
  await asked.page.locator('[data-error-code="SIGNIN_CHOICE_INVALID"]').waitFor()
  expect(await system.leftBehind()).toEqual(before)
})
