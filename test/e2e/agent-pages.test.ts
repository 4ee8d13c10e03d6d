import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { issueCard, type IssuedCard } from '../../packages/agent/test/support/issue-card.ts'
import { startStage, type Stage, type StageOptions } from '../../packages/agent/test/support/start-agent.ts'
import { AGENT_STATES, fingerprintOf, signInAddress } from '../support/agent-states.ts'
import { checkAccessibility, launchChromium, openPage, takeScreenshot } from '../support/chromium.ts'

const PICTURED = JSON.parse(readFileSync(new URL('../../docs/agent/texts.json', import.meta.url), 'utf8')) as Partial<
  Record<string, Partial<Record<'ja' | 'en', string>>>
>

let issued: IssuedCard
let browser: Browser
let stage: Stage

beforeAll(async () => {
  ;[issued, browser] = await Promise.all([issueCard(), launchChromium()])
})
afterAll(async () => {
  await browser.close()
})

async function setStage(options: Partial<StageOptions> = {}): Promise<void> {
  stage = await startStage({ issued, ...options })
}
afterEach(async () => {
  await stage.close()
})

const addressOf = (ticketId: string): string => signInAddress(stage, ticketId)

/** A refusal has a 4xx status, as has the fake provider's missing icon; an icon still loading when the next page comes is aborted. */
function serious(complaints: readonly string[]): string[] {
  return complaints.filter((complaint) => !/status of 4\d\d|icon\.svg net::ERR_ABORTED/.test(complaint))
}

describe('the way through in Chromium', () => {
  /** A relying party behind the provider's completion address, on an origin that no policy of the agent names. */
  async function startShop(): Promise<Disposable & { url: string }> {
    const server = createServer((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>shop</title><h1>Welcome back</h1>')
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const url = `http://shop.localhost:${String((server.address() as AddressInfo).port)}/`
    return {
      url,
      [Symbol.dispose]: () => {
        server.close()
        server.closeAllConnections()
      },
    }
  }

  /** The provider's pages: a click leads to the agent, the completion address leads on to the shop. */
  function actAsProvider(shop: string): { start: string } {
    const ticketId = stage.provider.issueTicket()
    stage.provider.misbehave(({ path }, response) => {
      if (path === '/start') {
        const form = '<form method="post" action="/begin"><button>Use my card</button></form>'
        response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>provider</title>${form}`)
      } else if (path === '/begin') response.writeHead(303, { location: addressOf(ticketId) }).end()
      else if (path.startsWith('/sign-in/complete')) {
        response.writeHead(303, { location: shop, 'set-cookie': 'done=1; SameSite=Lax' }).end()
      } else return false
      return true
    })
    return { start: `${stage.provider.origin}/start` }
  }

  test.each([true, false])(
    'provider, agent, provider, shop: no hop is blocked (JavaScript: %s)',
    async (javaScriptEnabled) => {
      await setStage()
      using shop = await startShop()
      await using watched = await openPage(browser, { javaScriptEnabled })
      const { page, complaints } = watched
      await page.goto(actAsProvider(shop.url).start)
      await page.getByRole('button').click()
      await page.locator('#pin').fill('1234')
      await page.locator('#pin').press('Enter')
      await page.waitForURL(shop.url)
      expect(await page.title()).toBe('shop')
      expect(serious(complaints)).toEqual([])
      // Where the browser came from is nobody's business.
      const completion = stage.provider.seen.find(({ path }) => path.startsWith('/sign-in/complete'))
      expect(completion?.headers.referer).toBeUndefined()
    },
  )

  test('the direct 303 that protocol.md draws would be blocked: the reason for ADR 0002', async () => {
    await setStage()
    using shop = await startShop()
    const { start } = actAsProvider(shop.url)
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    await page.goto(start)
    await page.getByRole('button').click()
    await page.locator('#pin').waitFor()
    // The same form, the same policy, but the answer is a redirect: played by the test in front of the agent.
    await page.route('**/sign-in/pin', (route) =>
      route.fulfill({ status: 303, headers: { location: `${stage.provider.origin}/sign-in/complete?code=direct` } }),
    )
    await page.locator('#pin').fill('1234')
    await page.locator('#pin').press('Enter')
    await expect.poll(() => complaints.some((complaint) => complaint.includes('form-action'))).toBe(true)
    expect(await page.title()).not.toBe('shop')
  })

  test('keyboard alone: the field has the focus, Enter signs in; on the last try Enter stops', async () => {
    await setStage({ triesLeft: 2 })
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(addressOf(stage.provider.issueTicket()))
    await page.locator('#pin:focus').waitFor()
    await page.keyboard.type('0000')
    await page.keyboard.press('Enter')
    await page.locator('main[data-page=confirm] :focus').waitFor()
    expect(stage.card.triesLeft('authentication')).toBe(1)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${stage.provider.origin}/**`)
    expect(stage.provider.results()).toMatchObject([{ error: 'AGENT_CANCELLED' }])
    expect(stage.card.triesLeft('authentication')).toBe(1)
  })

  test('the PIN is masked, not remembered, and the page says who asks before the field', async () => {
    await setStage()
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(addressOf(stage.provider.issueTicket()))
    const field = page.locator('#pin')
    expect(await field.getAttribute('type')).toBe('password')
    expect(await field.getAttribute('autocomplete')).toBe('off')
    expect(await field.getAttribute('inputmode')).toBe('numeric')
    const text = await page.locator('main').innerText()
    expect(text.indexOf('https://shop.example')).toBeLessThan(text.indexOf('あと3回'))
    expect(text.indexOf('あと3回')).toBeLessThan(text.indexOf('暗証番号（数字4桁）'))
  })
})

describe('the page follows what happens at the reader', () => {
  test('no card, a card, the card gone: the page changes by itself, says so, and the focus is where one types', async () => {
    await setStage()
    stage.readers.remove()
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    await page.goto(addressOf(stage.provider.issueTicket()))
    await page.locator('main[data-code=CARD_NOT_FOUND]').waitFor()
    expect(await page.locator('#watching').isVisible()).toBe(true)
    stage.readers.insert(stage.onReader)
    await page.locator('main[data-page=pin]').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('pin')
    expect(await page.locator('#announcer').textContent()).toBe('マイナンバーカードでサインイン')
    expect(await page.title()).toContain('マイナンバーカードでサインイン')
    stage.readers.remove()
    await page.locator('main[data-code=CARD_NOT_FOUND]').waitFor()
    expect(await page.locator('#announcer').textContent()).toBe('カードをリーダーに置いてください')
    expect(await checkAccessibility(page)).toEqual([])
    stage.readers.insert(stage.onReader)
    await page.locator('#pin').fill('1234')
    await page.locator('#pin').press('Enter')
    await page.waitForURL(`${stage.provider.origin}/**`)
    expect(serious(complaints)).toEqual([])
  })

  test('an empty reader more does not take away what was typed, nor the focus', async () => {
    await setStage()
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(addressOf(stage.provider.issueTicket()))
    await page.locator('#pin').pressSequentially('12')
    const answered = page.waitForResponse('**/sign-in/watch')
    stage.readers.insert({ transmit: () => Buffer.alloc(2), reset: () => undefined, present: false }, 'Another')
    await answered
    expect(await page.locator('#pin').inputValue()).toBe('12')
    expect(await page.evaluate('document.activeElement.id')).toBe('pin')
    await page.keyboard.type('34')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${stage.provider.origin}/**`)
  })

  test('whoever stands on a link outside keeps the focus there', async () => {
    await setStage()
    stage.readers.remove()
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(addressOf(stage.provider.issueTicket()))
    await page.locator('.languages a').last().focus()
    stage.readers.insert(stage.onReader)
    await page.locator('main[data-page=pin]').waitFor()
    expect(await page.evaluate('document.activeElement.hreflang')).toBe('en')
  })
})

describe('the keys of the page', () => {
  test.each([true, false])('type the PIN (JavaScript: %s)', async (javaScriptEnabled) => {
    await setStage()
    await using watched = await openPage(browser, { javaScriptEnabled })
    const { page, complaints } = watched
    await page.goto(addressOf(stage.provider.issueTicket()))
    await page.locator('#keypad-link').click()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    for (const digit of ['1', '2', '9', 'erase', '3', '4']) {
      const key = digit === 'erase' ? page.locator('#key-erase') : page.locator('.key', { hasText: digit }).first()
      await key.click()
    }
    expect(await page.locator('#typed').textContent()).toContain('4桁')
    // With a script nothing is sent before the form is; without one each key is a request, by its place.
    expect(requests.filter((url) => url.endsWith('/sign-in/key'))).toHaveLength(javaScriptEnabled ? 0 : 6)
    await page.locator('#submit').click()
    await page.waitForURL(`${stage.provider.origin}/**`)
    expect(stage.provider.results()).toHaveLength(1)
    expect(serious(complaints)).toEqual([])
  })

  test('by keyboard alone: the keys are buttons in a group with a name', async () => {
    await setStage()
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${addressOf(stage.provider.issueTicket())}&keypad=1`)
    expect(await page.getByRole('group', { name: '暗証番号の数字' }).getByRole('button').count()).toBe(11)
    await page.locator('#pin:focus').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    expect(await page.locator('#pin').inputValue()).toMatch(/^\d$/)
    expect(await page.evaluate('document.activeElement.id')).toBe('key-0')
  })
})

test('the report of the doctor is copied by a button', async () => {
  await setStage()
  await using watched = await openPage(browser)
  const { page, context } = watched
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`${stage.url}/doctor`)
  await page.locator('#copy').click()
  await page.getByText('コピーしました。').waitFor()
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(copied).toContain('[ OK ] provider')
})

describe.each(['ja', 'en'] as const)('every page of the agent, %s', (locale) => {
  test.each(AGENT_STATES)(
    '$name: no axe violation, light and dark; fits 320 px',
    async ({ name, page: expected, ...state }) => {
      await setStage(state.options)
      await using watched = await openPage(browser, { locale })
      const { page, complaints } = watched
      await page.goto(addressOf(stage.provider.issueTicket({ locale })))
      await state.reach?.(page, stage, issued)

      const main = page.locator('main')
      expect(await main.getAttribute('data-page')).toBe(expected)
      if (state.code !== undefined) expect(await main.getAttribute('data-code')).toBe(state.code)
      expect(await page.locator('html').getAttribute('lang')).toBe(locale)
      // the picture in docs/agent.md shows this text
      expect(fingerprintOf(await main.textContent()), 'npm run agent:screenshots').toBe(PICTURED[name]?.[locale])
      expect(await checkAccessibility(page)).toEqual([])
      // Colours are the same in both languages, and Japanese is what most people see.
      if (locale === 'ja') {
        await takeScreenshot(page, `agent-${name}-${locale}-desktop`)
        await page.emulateMedia({ colorScheme: 'dark' })
        expect(await checkAccessibility(page)).toEqual([])
        await takeScreenshot(page, `agent-${name}-${locale}-dark`)
        await page.emulateMedia({ colorScheme: 'light' })
      }
      for (const width of [360, 320]) {
        await page.setViewportSize({ width, height: 800 })
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        if (width === 360 && locale === 'ja') await takeScreenshot(page, `agent-${name}-${locale}-phone`)
      }
      expect(serious(complaints)).toEqual([])
    },
  )
})
