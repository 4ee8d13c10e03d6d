import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAccessibility, launchChromium, openPage, takeScreenshot } from '../support/chromium.ts'

const page = (body: string) =>
  `<!doctype html><html lang="ja"><head><title>関所</title></head><body>${body}</body></html>`

const PAGES: Readonly<Record<string, string>> = {
  '/good': page('<main><h1>マイナンバーカード</h1></main>'),
  '/image-without-alt': page('<main><h1>x</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'),
  '/small-target': page(
    '<main><h1>x</h1><a href="#a" style="display:inline-block;width:9px;height:9px">a</a><a href="#b" style="display:inline-block;width:9px;height:9px">b</a></main>',
  ),
  '/error': page('<script>throw new Error("broken page")</script>'),
  '/third-party': page('<img alt="" src="http://example.org/pixel.png">'),
}

let server: Server
let browser: Browser
let origin = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(PAGES[request.url ?? ''] ?? page(request.headers['accept-language'] ?? ''))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await server[Symbol.asyncDispose]()
})

test('an accessible page has no violation', async () => {
  await using opened = await openPage(browser)
  await opened.page.goto(`${origin}/good`)
  expect(await checkAccessibility(opened.page)).toEqual([])
})

test.each([
  ['/image-without-alt', 'image-alt'],
  ['/small-target', 'target-size'],
])('%s is caught as %s', async (path, rule) => {
  await using opened = await openPage(browser)
  await opened.page.goto(`${origin}${path}`)
  expect(await checkAccessibility(opened.page)).toMatchObject([{ rule }])
})

test.each([
  ['/error', /uncaught: broken page/],
  ['/third-party', /request: http:\/\/example\.org\/pixel\.png net::ERR_NAME_NOT_RESOLVED/],
])('%s leaves a complaint', async (path, complaint) => {
  await using opened = await openPage(browser)
  await opened.page.goto(`${origin}${path}`)
  expect(opened.complaints.join('\n')).toMatch(complaint)
})

test('two pages share no cookie, and each speaks its language', async () => {
  await using first = await openPage(browser, { locale: 'ja' })
  await first.context.addCookies([{ name: 'who', value: 'first', url: origin }])
  await using second = await openPage(browser, { locale: 'en' })
  await first.page.goto(`${origin}/language`)
  await second.page.goto(`${origin}/language`)
  expect(await first.page.locator('body').textContent()).toMatch(/^ja/)
  expect(await second.page.locator('body').textContent()).toMatch(/^en/)
  expect(await second.context.cookies()).toEqual([])
})

test('a screenshot is a PNG of the width asked for', async () => {
  await using opened = await openPage(browser, { viewport: 'phone' })
  await opened.page.goto(`${origin}/good`)
  const png = readFileSync(await takeScreenshot(opened.page, 'support-chromium'))
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
  expect(png.readUInt32BE(16)).toBe(390)
  await expect(takeScreenshot(opened.page, '../escape')).rejects.toThrow(TypeError)
})
