import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signInWithMyNumberCard } from '../../examples/test-helpers/src/sign-in-with-playwright.ts'
import { createTestProvider, type TestProvider } from '../../examples/test-helpers/src/test-provider.ts'
import { startDemo, type Demo } from '../../src/main/demo/start-demo.ts'
import { checkAccessibility, launchChromium, openPage, takeScreenshot, VIEWPORTS } from '../support/chromium.ts'
import { freePorts } from '../support/free-port.ts'
import { createMigratedPostgresDatabase } from '../support/migrated-postgres.ts'
import type { PostgresDatabase } from '../support/postgres.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'
import { VIRTUAL_KEYS } from '../support/virtual-keys.ts'

let demo: Demo
let database: PostgresDatabase
let directory: TempDirectory
let provider: TestProvider
let browser: Browser
let personas: string

beforeAll(async () => {
  directory = createTempDirectory('testing')
  database = await createMigratedPostgresDatabase()
  const [providerPort, shop, jpki, agent, page] = await freePorts(5)
  demo = await startDemo({
    dataDirectory: directory.path,
    keyDirectory: VIRTUAL_KEYS,
    databaseUrl: database.databaseUrl,
    persona: 'taro',
    ports: { provider: providerPort!, shop: shop!, jpki: jpki!, agent: agent!, personas: page! },
    logLevel: 'silent',
  })
  personas = demo.urls.personas ?? ''
  provider = createTestProvider(personas)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await demo.close()
  await database.drop()
  await directory.remove()
})

test.each([
  ['taro', '1234', { arrived: true }],
  ['one-try-left', '1234', { arrived: true }],
  ['expired', '1234', { arrived: false, code: 'CERT_EXPIRED' }],
  ['pin-locked', '1234', { arrived: false, code: 'PIN_BLOCKED' }],
  ['hanako', '9999', { arrived: false, code: 'PIN_WRONG' }],
])('the Playwright helper with the card of %s and the PIN %s', async (persona, pin, outcome) => {
  await provider.putCard(persona)
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(demo.urls.shop)
  const end = await signInWithMyNumberCard(page, {
    press: () => page.locator('#sign-in').click(),
    until: ({ origin }) => origin === demo.urls.shop,
    pin,
  })
  expect(end).toEqual(outcome)
  expect(await page.locator('#sub').count()).toBe(outcome.arrived ? 1 : 0)
})

describe('the persona page', () => {
  test.each([
    ['ja', 'phone', '止める'],
    ['en', 'desktop', 'Take it down'],
  ] as const)('in %s at %s width: a card and a service, without JavaScript', async (locale, viewport, stop) => {
    await using watched = await openPage(browser, { locale, viewport, javaScriptEnabled: false })
    const { page, complaints } = watched
    await page.goto(personas)
    await page.locator('li', { hasText: 'expired' }).first().getByRole('button').click()
    expect(await page.locator('#card').textContent()).toBe('expired')
    await page.getByRole('button', { name: stop }).first().click()
    expect(await provider.state()).toMatchObject({ card: 'expired', linkage: 'down', revocation: 'up' })
    await takeScreenshot(page, `personas-${locale}-${viewport}`)
    await provider.setServices({ linkage: 'up' })
    expect(complaints).toEqual([])
  })

  test.each(['ja', 'en'] as const)('in %s it is accessible and does not scroll sideways', async (locale) => {
    await using watched = await openPage(browser, { locale, viewport: 'phone' })
    const { page } = watched
    await page.goto(personas)
    await page.locator('summary').click()
    expect(await checkAccessibility(page)).toEqual([])
    expect(await page.locator('[role="note"]').count()).toBe(1)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(VIEWPORTS.phone.width)
  })
})
