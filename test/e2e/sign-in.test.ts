import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDemo, type Demo } from '../../src/main/demo/start-demo.ts'
import { enterPin } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { freePorts } from '../support/free-port.ts'
import { keepIssued, TEST_LOG, TEST_LOG_LEVEL } from '../support/keep-logs.ts'
import { lookAt } from '../support/look-at.ts'
import { createMigratedPostgresDatabase } from '../support/migrated-postgres.ts'
import type { PostgresDatabase } from '../support/postgres.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'
import { VIRTUAL_KEYS } from '../support/virtual-keys.ts'

let browser: Browser
let database: PostgresDatabase
let directory: TempDirectory
let demo: Demo

beforeAll(async () => {
  directory = createTempDirectory('e2e')
  database = await createMigratedPostgresDatabase()
  const [provider, shop, jpki, agent] = await freePorts(4)
  demo = await startDemo({
    dataDirectory: directory.path,
    keyDirectory: VIRTUAL_KEYS,
    databaseUrl: database.databaseUrl,
    persona: 'taro',
    ports: { provider: provider!, shop: shop!, jpki: jpki!, agent: agent! },
    // what a person is asked the first time: test/e2e/consent.test.ts
    firstPartyShop: true,
    logLevel: TEST_LOG_LEVEL,
    logDestination: TEST_LOG,
  })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  keepIssued(demo.jpki)
  await demo.close()
  await database.drop()
  await directory.remove()
})

const claimsOf = async (page: Page): Promise<Record<string, unknown>> =>
  JSON.parse((await page.locator('#claims').textContent()) ?? '') as Record<string, unknown>

/** From the shop to the agent's PIN page, as a person clicks. */
async function goToAgent(page: Page): Promise<void> {
  await page.goto(demo.urls.shop)
  await page.locator('#sign-in').click()
  await page.waitForURL(`${demo.urls.provider}/interaction/**`)
  await page.locator('#use-card button').click()
  await page.waitForURL(`${demo.urls.agent}/sign-in**`)
}

/** Types the PIN, and waits to be back at the shop. @returns the subject there */
async function finishSignIn(page: Page): Promise<unknown> {
  await enterPin(page)
  await page.waitForURL(`${demo.urls.shop}/`)
  return (await claimsOf(page))['sub']
}

describe.each(['desktop', 'phone'] as const)('at %s width', (viewport) => {
  test.each(['ja', 'en'] as const)(
    'a person signs in with a card, in %s, and every page on the way is accessible',
    async (locale) => {
      await demo.useCard('taro')
      await using watched = await openPage(browser, { locale, viewport })
      const { page, complaints } = watched
      const look = async (name: string): Promise<void> => {
        await lookAt(page, `${name}-${locale}-${viewport}`)
        expect(await page.locator('html').getAttribute('lang')).toBe(locale)
      }

      await page.goto(demo.urls.shop)
      await look('shop')
      await page.locator('#sign-in').click()
      await look('provider-sign-in')
      await page.locator('#use-card button').click()
      await page.locator('#pin').waitFor()
      await look('agent-pin')
      await page.locator('#pin').fill('1234')
      await page.locator('#pin-form button').click()
      await page.waitForURL(`${demo.urls.shop}/`)
      await look('shop-signed-in')

      const claims = await claimsOf(page)
      expect(claims).toMatchObject({
        iss: demo.urls.provider,
        sub: expect.stringMatching(/^[\w-]{43}$/) as string,
        acr: 'phrh',
        amr: ['sc', 'hwk', 'pin', 'mfa', 'user'],
        auth_time: expect.any(Number) as number,
      })
      expect(complaints).toEqual([])
    },
  )
})

test('with the keyboard alone', async () => {
  await demo.useCard('hanako')
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(demo.urls.shop)
  const tabTo = async (selector: string): Promise<void> => {
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab')
      if (await page.locator(selector).evaluate((element) => element === document.activeElement)) return
    }
    throw new Error(`Tab never reaches ${selector}`)
  }
  await tabTo('#sign-in')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${demo.urls.provider}/interaction/**`)
  await tabTo('#use-card button')
  await page.keyboard.press('Enter')
  // the field has the focus without a key being pressed; a browser gives it some moments after it shows the field
  await page.locator('#pin:focus').waitFor()
  await page.keyboard.type('1234')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${demo.urls.shop}/`)
  expect(await claimsOf(page)).toMatchObject({ acr: 'phrh' })
})

test('without JavaScript', async () => {
  await demo.useCard('taro')
  await using watched = await openPage(browser, { javaScriptEnabled: false })
  const { page } = watched
  await goToAgent(page)
  await page.locator('#pin').fill('1234')
  await page.locator('#pin-form button').click()
  await page.waitForURL(`${demo.urls.shop}/`)
  await expect(page.locator('h1').textContent()).resolves.toBe('サインインしました')
})

test('the same card is the same subject in another browser; another card is another', async () => {
  const subs: unknown[] = []
  for (const persona of ['taro', 'taro', 'hanako']) {
    await demo.useCard(persona)
    await using watched = await openPage(browser)
    await goToAgent(watched.page)
    subs.push(await finishSignIn(watched.page))
  }
  expect(subs[0]).toBe(subs[1])
  expect(subs[0]).not.toBe(subs[2])
})

test('another person’s card in a browser that is still signed in takes over, and the old session is gone', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await demo.useCard('taro')
  await goToAgent(page)
  const taro = await finishSignIn(page)
  await demo.useCard('hanako')
  await page.locator('#another-card').click()
  await page.locator('#use-card button').click()
  const hanako = await finishSignIn(page)
  expect(hanako).not.toBe(taro)
})

test.each([
  ['expired', 'CERT_EXPIRED', '電子証明書の有効期限が切れています'],
  ['revoked', 'CERT_REVOKED', '電子証明書が失効しています'],
  ['unknown-ca', 'CERT_UNTRUSTED_ISSUER', '信頼できる認証局が発行したカードではありません'],
])('the card “%s” lands on the sign-in page with %s and what to do', async (persona, code, title) => {
  await demo.useCard(persona)
  await using watched = await openPage(browser)
  const { page } = watched
  await goToAgent(page)
  await page.locator('#pin').fill('1234')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${demo.urls.provider}/interaction/**`)
  const alert = page.locator(`[data-error-code="${code}"]`)
  expect(await alert.locator('h2').textContent()).toBe(title)
  await lookAt(page, `refused-${persona}`)

  // the same interaction goes on with a good card
  await demo.useCard('taro')
  await page.locator('#use-card button').click()
  expect(await finishSignIn(page)).toEqual(expect.any(String))
})

test('cancelling at the agent goes back to the shop with access_denied', async () => {
  await demo.useCard('taro')
  await using watched = await openPage(browser)
  const { page } = watched
  await goToAgent(page)
  await page.locator('#leave-form button').click()
  await page.waitForURL(`${demo.urls.shop}/callback**`)
  expect(await page.locator('[data-oauth-error]').getAttribute('data-oauth-error')).toBe('access_denied')
})

test('cancelling at the provider does the same', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(demo.urls.shop)
  await page.locator('#sign-in').click()
  await page.locator('#cancel').click()
  await page.waitForURL(`${demo.urls.shop}/callback**`)
  expect(await page.locator('[data-oauth-error]').getAttribute('data-oauth-error')).toBe('access_denied')
})

test('attacks 13 and 22: an attacker’s ticket, approved by the victim, signs nobody in', async () => {
  await demo.useCard('taro')
  await using attacker = await openPage(browser)
  await using victim = await openPage(browser)
  await goToAgent(attacker.page)
  const lure = attacker.page.url()
  // the agent shows one ceremony; the victim's browser opens the very address the attacker was sent to
  await victim.page.goto(lure)
  await victim.page.locator('#pin').fill('1234')
  await victim.page.keyboard.press('Enter')
  await victim.page.waitForURL(`${demo.urls.provider}/interaction/**`)
  expect(await victim.page.locator('[data-error-code]').getAttribute('data-error-code')).toBe('SIGNIN_OTHER_BROWSER')
  await lookAt(victim.page, 'other-browser')

  // and the attacker, who now visits what the victim was sent to, gets nothing either
  await attacker.page.goto(victim.page.url())
  expect(await attacker.page.locator('[data-error-code]').getAttribute('data-error-code')).toBe(
    'SIGNIN_COMPLETION_INVALID',
  )
  await attacker.page.goto(demo.urls.shop)
  expect(await attacker.page.locator('#claims').count()).toBe(0)
})

test('signing out ends both sessions, through pages of our own', async () => {
  await demo.useCard('taro')
  await using watched = await openPage(browser, { locale: 'en' })
  const { page, complaints } = watched
  await goToAgent(page)
  await page.locator('#pin').fill('1234')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${demo.urls.shop}/`)
  await page.locator('form[action="/sign-out"] button').click()
  await page.waitForURL(`${demo.urls.provider}/session/end**`)
  expect(await page.locator('h1').textContent()).toBe('Sign out?')
  await lookAt(page, 'logout')
  await page.locator('#logout button[value="yes"]').click()
  await page.waitForURL(`${demo.urls.shop}/`)
  // the next sign-in asks for the card again
  await page.locator('#sign-in').click()
  await page.waitForURL(`${demo.urls.provider}/interaction/**`)
  expect(complaints).toEqual([])
})

test('a log-out without a session passes through our own page, with and without JavaScript', async () => {
  for (const javaScriptEnabled of [true, false]) {
    await using watched = await openPage(browser, { javaScriptEnabled })
    const { page, complaints } = watched
    await page.goto(`${demo.urls.provider}/session/end`)
    if (!javaScriptEnabled) {
      expect(await page.locator('h1').textContent()).toBe('少々お待ちください')
      await page.locator('#auto-submit button').click()
    }
    await page.waitForURL(`${demo.urls.provider}/session/end/success`)
    expect(await page.locator('h1').textContent()).toBe('サインアウトしました')
    expect(complaints).toEqual([])
  }
})

test('an error that cannot go back to a site is a page of ours', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(`${demo.urls.provider}/auth?client_id=nobody&response_type=code`)
  expect(await page.locator('[data-error-code]').getAttribute('data-error-code')).toBe('CLIENT_REQUEST_INVALID')
  await lookAt(page, 'error')
  await page.goto(`${demo.urls.provider}/no/such/page`)
  expect(await page.locator('[data-error-code]').getAttribute('data-error-code')).toBe('SERVER_PAGE_NOT_FOUND')
  await page.goto(demo.urls.provider)
  await lookAt(page, 'home')
})
