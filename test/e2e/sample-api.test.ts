import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

/** The sample shop asks the sample API in a person's name; the API asks the provider, and sometimes for the card. */
let system: WholeSystem
let browser: Browser
let shop: string

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false, withApi: true, asksConsent: true })
  browser = await launchChromium()
  shop = system.demo.urls.shop
})

afterAll(async () => {
  await browser.close()
  await system.close()
})

/** Whatever the provider asks for, until the shop has them back. */
async function signIn(page: Page): Promise<void> {
  await page.goto(shop)
  await page.locator('#sign-in').click()
  await useCardInBrowser(page)
  // asked once a person
  await page.locator('#consent, #orders').waitFor()
  if (await page.locator('#consent').isVisible()) await page.locator('#consent button').click()
  await page.waitForURL(`${shop}/`)
}

const pay = (page: Page): Promise<void> => page.locator('form[action="/orders/1/payment"] button').click()
const isPaid = (page: Page): Promise<boolean> => page.locator('[role="status"]').isVisible()

test('the consent page says what the API lets the shop do', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(shop)
  await page.locator('#sign-in').click()
  await useCardInBrowser(page)
  await page.locator('#consent').waitFor()
  expect(await page.locator('main').textContent()).toMatch(/注文の代金を支払う/)
  await lookAt(page, 'shop-consent-for-orders')
})

test('the shop sees and pays orders with the access token; whoever is not signed in sees none', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser)
  const { page, complaints } = watched
  await page.goto(`${shop}/orders`)
  expect(page.url()).toBe(`${shop}/`)
  await signIn(page)
  await page.locator('#orders').click()
  await lookAt(page, 'shop-orders')
  await pay(page)
  await page.waitForURL(`${shop}/orders?paid`)
  expect(await isPaid(page)).toBe(true)
  await lookAt(page, 'shop-paid')
  expect(complaints).toEqual([])
})

test('a tap of ten minutes ago is too old for a payment: the API asks for the card (RFC 9470), and takes the new token', async () => {
  await system.demo.useCard('hanako')
  await using watched = await openPage(browser, { locale: 'en' })
  const { page } = watched
  await signIn(page)
  await tenMinutesLater()
  await page.locator('#orders').click()
  expect(await page.locator('form[action="/orders/1/payment"]').count()).toBe(1)

  await pay(page)
  await page.locator('#step-up').waitFor()
  const asked = new URL((await page.locator('#step-up').getAttribute('href')) ?? '', shop).searchParams
  expect(Object.fromEntries(asked)).toEqual({ for: '/orders', acr_values: 'phrh', max_age: '300' })
  await lookAt(page, 'shop-orders-step-up')
  await page.locator('#step-up').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${shop}/orders`)
  expect(await isPaid(page)).toBe(false)
  await pay(page)
  await page.waitForURL(`${shop}/orders?paid`)
  expect(await isPaid(page)).toBe(true)
})

test('whoever takes the wishes of the API out of the address gets a token that it refuses again', async () => {
  await system.demo.useCard('hanako')
  await using watched = await openPage(browser)
  const { page } = watched
  await signIn(page)
  await tenMinutesLater()
  await page.goto(`${shop}/sign-in?for=/orders`)
  await page.waitForURL(`${shop}/orders`)
  await pay(page)
  expect(await page.locator('#step-up').isVisible()).toBe(true)
})

test('attack 16: a token that was taken back is worth nothing at the API, a moment later', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser)
  const { page } = watched
  await signIn(page)
  await page.goto(`${system.issuer}/account`)
  await page.locator('form[action^="/account/disconnect"] button').first().click()
  await page.locator('[role="status"]').waitFor()
  await page.goto(`${shop}/orders`)
  expect(await page.locator('form[action="/orders/1/payment"]').count()).toBe(0)
})

/** For everybody's tap: what is remembered of it (its second is part of the key), the session, and the tokens that came of it. */
async function tenMinutesLater(): Promise<void> {
  const keyOf = (loginTs: string) => `sha256(convert_to(session.payload ->> 'uid' || ' ' || ${loginTs}, 'UTF8'))`
  const loginTs = `(session.payload ->> 'loginTs')::int`
  await system.database.query(
    `UPDATE oidc_artifacts tap SET id_digest = ${keyOf(`(${loginTs} - 600)`)} FROM oidc_artifacts session
     WHERE session.model = 'Session' AND tap.model = 'Authentication' AND tap.id_digest = ${keyOf(loginTs)}`,
  )
  await system.database.query(
    `UPDATE oidc_artifacts session SET payload = jsonb_set(payload, '{loginTs}', to_jsonb(${loginTs} - 600))
     WHERE model = 'Session' AND payload ? 'loginTs'`,
  )
  await system.database.query(
    `UPDATE oidc_artifacts
     SET payload = jsonb_set(payload, '{extra,auth_time}', to_jsonb((payload #>> '{extra,auth_time}')::int - 600))
     WHERE model = 'AccessToken' AND payload #> '{extra,auth_time}' IS NOT NULL`,
  )
}
