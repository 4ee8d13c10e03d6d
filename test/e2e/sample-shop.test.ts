import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser
let shop: string

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false })
  browser = await launchChromium()
  shop = system.demo.urls.shop
})

afterAll(async () => {
  await browser.close()
  await system.close()
})

async function signIn(page: Page): Promise<string> {
  await page.goto(shop)
  await page.locator('#sign-in').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${shop}/`)
  return (await page.locator('#sub').textContent()) ?? ''
}

/** A page whose session at the shop is over greets strangers. */
async function isSignedOut(page: Page): Promise<boolean> {
  await page.goto(shop)
  return (await page.locator('#sign-in').count()) === 1
}

describe('a sensitive page', () => {
  test('is closed to strangers, and to a session that only signed in', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${shop}/settings`)
    expect(page.url()).toBe(`${shop}/`)
    await signIn(page)
    const answer = await page.goto(`${shop}/settings`)
    expect(answer?.status()).toBe(401)
    await lookAt(page, 'shop-step-up')
    const posted = await page.request.post(`${shop}/settings`, { form: { nickname: 'x' } })
    expect(posted.status()).toBe(401)
    expect((await page.request.post(`${shop}/leave`)).status()).toBe(401)
  })

  test('opens after the card was used again, though the provider would have let them through', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser, { locale: 'en' })
    const { page, complaints } = watched
    await signIn(page)
    await page.locator('#settings').click()
    await page.locator('#step-up').click()
    await useCardInBrowser(page)
    await page.waitForURL(`${shop}/settings`)
    await lookAt(page, 'shop-settings')
    await page.locator('#nickname').fill('<Taro>')
    await page.keyboard.press('Enter')
    await page.locator('#nickname[value="<Taro>"]').waitFor()
    await page.goto(shop)
    expect(await page.locator('#hello').textContent()).toBe('Hello, <Taro>.')
    expect(complaints.filter((line) => !line.includes('401'))).toEqual([])
  })

  test('stays closed when another person’s card is used for it', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser)
    const { page } = watched
    const taro = await signIn(page)
    await page.locator('#settings').click()
    await system.demo.useCard('hanako')
    await page.locator('#step-up').click()
    await useCardInBrowser(page)
    await page.waitForURL(`${shop}/`)
    expect(await page.locator('#sub').textContent()).not.toBe(taro)
    expect((await page.goto(`${shop}/settings`))?.status()).toBe(401)
  })

  test('who changes their mind is still signed in', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser)
    const { page } = watched
    const taro = await signIn(page)
    await page.goto(`${shop}/sign-in?for=/settings`)
    await page.locator('#cancel').click()
    await page.locator('[data-oauth-error="access_denied"]').waitFor()
    await page.goto(shop)
    expect(await page.locator('#sub').textContent()).toBe(taro)
    expect((await page.goto(`${shop}/settings`))?.status()).toBe(401)
  })

  test('an address that says where to come back to is not listened to, unless it is a page that asks for the card', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser)
    const { page } = watched
    await signIn(page)
    for (const wish of ['https://evil.example/', '//evil.example', '/no-such-page']) {
      await page.goto(`${shop}/sign-in?for=${encodeURIComponent(wish)}`)
      await page.waitForURL(`${shop}/`)
      expect(await page.locator('#sub').count()).toBe(1)
    }
  })
})

describe('back-channel log-out', () => {
  test('who is signed out elsewhere is signed out here', async () => {
    await system.demo.useCard('hanako')
    await using here = await openPage(browser)
    await using elsewhere = await openPage(browser)
    await signIn(here.page)
    await signIn(elsewhere.page)
    await here.page.goto(`${system.issuer}/account`)
    const other = here.page.locator('#sessions-title + ul li', { hasText: '別のブラウザー' })
    while ((await other.count()) > 0) await other.first().locator('button').click()
    await pollUntil(async () => isSignedOut(elsewhere.page))
    expect(await isSignedOut(here.page)).toBe(false)
  })

  test.each([
    ['none', {}],
    ['rubbish', { logout_token: 'a.b.c' }],
    ['unsigned', { logout_token: `${encode({ alg: 'none' })}.${encode({ sub: 'x', jti: 'y', events: {} })}.` }],
  ])('a log-out token that is %s ends nothing', async (_name, form: Record<string, string>) => {
    const answer = await fetch(`${shop}/backchannel-logout`, { method: 'POST', body: new URLSearchParams(form) })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store'])
  })

  test('an ID token is no log-out token', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser)
    const { page } = watched
    await signIn(page)
    await page.route('**/session/end**', (route) => route.abort())
    const [request] = await Promise.all([
      page.waitForRequest((made) => made.url().startsWith(`${system.issuer}/session/end`)),
      page.locator('form[action="/sign-out"] button').click(),
    ])
    const idToken = new URL(request.url()).searchParams.get('id_token_hint') ?? ''
    const body = new URLSearchParams({ logout_token: idToken })
    expect((await fetch(`${shop}/backchannel-logout`, { method: 'POST', body })).status).toBe(400)
  })
})

test('who leaves is forgotten, and signed out of every browser', async () => {
  await system.demo.useCard('one-try-left')
  await using first = await openPage(browser, { viewport: 'phone' })
  const { page } = first
  await page.goto(shop)
  await page.locator('#sign-in').click()
  await page.locator('#use-card button').click()
  await page.locator('#confirm-form button').click()
  await page.locator('#pin').fill('1234')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${shop}/`)
  await using second = await openPage(browser)
  await signIn(second.page)

  await page.locator('#settings').click()
  await page.locator('#step-up').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${shop}/settings`)
  await page.locator('#nickname').fill('Ichi')
  await page.keyboard.press('Enter')
  await page.locator('#nickname[value="Ichi"]').waitFor()
  await page.locator('form[action="/leave"] button').click()
  await page.locator('[role="status"]').waitFor()
  await lookAt(page, 'shop-left')
  expect(await page.locator(`a[href="${system.issuer}/account"]`).count()).toBe(1)
  expect(await isSignedOut(page)).toBe(true)
  expect(await isSignedOut(second.page)).toBe(true)
  // whoever comes back is a new member
  await page.locator('#sign-in').click()
  await page.waitForURL(`${shop}/`)
  expect(await page.locator('#hello').count()).toBe(0)
})

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
