import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BUTTON } from '../../examples/relying-party/src/button.ts'
import { checkAccessibility, launchChromium, openPage, takeScreenshot } from '../support/chromium.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser
let preview: string

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true })
  browser = await launchChromium()
  preview = `${system.issuer}/button/preview`
})

afterAll(async () => {
  await browser.close()
  await system.close()
})

test.each([
  ['preview', 'ja', 320, 'light'],
  ['preview', 'en', 1280, 'dark'],
  ['privacy', 'ja', 1280, 'light'],
  ['privacy', 'en', 320, 'dark'],
] as const)('the %s page in %s at %i px, %s, is accessible and does not scroll sideways', async (...look) => {
  const [name, locale, width, colorScheme] = look
  const context = await browser.newContext({ locale, colorScheme, viewport: { width, height: 800 } })
  const page = await context.newPage()
  await page.goto(name === 'preview' ? preview : `${system.issuer}/privacy`)
  await takeScreenshot(page, `${name}-${locale}-${colorScheme}`)
  expect(await checkAccessibility(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  expect(await page.locator('html').getAttribute('lang')).toBe(locale)
  await context.close()
})

test('a choice shows at once, in preview, lines and address, with the keyboard alone', async () => {
  await using watched = await openPage(browser, { locale: 'en' })
  const { page, complaints } = watched
  await page.goto(preview)
  await page.locator('input[name="mode"][value="link"]').focus()
  await page.keyboard.press('ArrowDown')
  await page.locator('#callback').waitFor()
  await page.locator('input[name="size"][value="medium"]').focus()
  await page.keyboard.press('ArrowRight')
  await page.locator('sign-in-with-my-number-card[size="large"]').waitFor()
  expect(await page.locator('#html').textContent()).toContain('client-id="your-client-id"')
  expect(await page.locator('#html').textContent()).toContain(BUTTON.integrity)
  expect(await page.locator('#csp').textContent()).toContain(`connect-src 'self' ${system.issuer}`)
  expect(new URL(page.url()).searchParams.get('size')).toBe('large')
  // the keyboard is still where it was
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('large')
  expect(complaints).toEqual([])
})

test('every state can be looked at, and pressing leads nowhere', async () => {
  await using watched = await openPage(browser, { locale: 'en' })
  const { page } = watched
  await page.goto(preview)
  await page.getByRole('link', { name: 'Sign in with My Number Card' }).click()
  expect(await page.locator('#pressed').textContent()).toBe(
    'The button was pressed. On a real site, the sign-in begins here.',
  )
  for (const [state, words] of [
    ['busy', 'One moment…'],
    ['cancelled', 'The sign-in was stopped.'],
    ['later', 'Signing in is not possible right now.'],
  ] as const) {
    await page.locator(`input[name="state"][value="${state}"]`).check()
    await page.locator('sign-in-with-my-number-card').getByText(words).first().waitFor()
  }
})

test('the lines are copied', async () => {
  const context = await browser.newContext({ locale: 'en', permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  await page.goto(preview)
  await page.locator('[data-copy="integrity"]').click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(BUTTON.integrity)
  await context.close()
})

test('without JavaScript: a form, a plain link, and the same lines', async () => {
  await using watched = await openPage(browser, { locale: 'en', javaScriptEnabled: false })
  const { page, complaints } = watched
  await page.goto(preview)
  await page.locator('input[name="theme"][value="dark"]').check()
  await page.locator('#href').fill('/"><b>')
  await page.locator('#apply').click()
  expect(await page.locator('#html').textContent()).toContain('theme="dark"')
  expect(await page.locator('#html').textContent()).toContain('<a href="/&#34;&#62;&#60;b&#62;">')
  expect(await page.locator('sign-in-with-my-number-card a').isVisible()).toBe(true)
  expect(await page.locator('[data-copy]').first().isVisible()).toBe(false)
  expect(complaints).toEqual([])
})

test('every page says where the privacy page is, and it says how to leave', async () => {
  await using watched = await openPage(browser, { locale: 'en' })
  const { page } = watched
  for (const path of ['/', '/no/such/page', '/session/end/success']) {
    await page.goto(`${system.issuer}${path}`)
    await page.getByRole('link', { name: 'Privacy' }).click()
    expect(await page.locator('h1').textContent()).toBe('Privacy')
  }
  expect(await page.getByRole('link', { name: 'Open your page' }).getAttribute('href')).toBe('/account?lang=en')
})
