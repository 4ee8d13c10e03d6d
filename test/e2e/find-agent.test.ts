import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAgent, createAgentLog, trustProviders, type Agent } from '@sekisho/agent'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startDemo, type Demo } from '../../src/main/demo/start-demo.ts'
import { createVirtualReader } from '../../src/main/demo/virtual-reader.ts'
import { createAgentPages } from '../../src/web/agent/agent-pages.ts'
import { loadMessages } from '../../src/web/messages.ts'
import { createRender } from '../../src/web/render.ts'
import { checkAccessibility, launchChromium, openPage, takeScreenshot, type PageOptions } from '../support/chromium.ts'
import { freePorts } from '../support/free-port.ts'
import { keepIssued, TEST_LOG, TEST_LOG_LEVEL } from '../support/keep-logs.ts'
import { createMigratedPostgresDatabase } from '../support/migrated-postgres.ts'
import type { PostgresDatabase } from '../support/postgres.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'
import { VIRTUAL_KEYS } from '../support/virtual-keys.ts'

let browser: Browser
let database: PostgresDatabase
let directory: TempDirectory
let demo: Demo
let agentPort: number
let agent: Agent | undefined
let silent: Server | undefined

beforeAll(async () => {
  directory = createTempDirectory('find-agent')
  database = await createMigratedPostgresDatabase()
  const [provider = 0, shop = 0, jpki = 0, agentAt = 0] = await freePorts(4)
  agentPort = agentAt
  demo = await startDemo({
    dataDirectory: directory.path,
    keyDirectory: VIRTUAL_KEYS,
    databaseUrl: database.databaseUrl,
    persona: 'taro',
    ports: { provider, shop, jpki, agent: agentPort },
    firstPartyShop: true,
    withoutAgent: true,
    logLevel: TEST_LOG_LEVEL,
    logDestination: TEST_LOG,
  })
  // the provider counts as a server on the internet: what it asks of loopback needs the person's permission
  browser = await launchChromium([`--ip-address-space-overrides=127.0.0.1:${provider}=public`])
})
afterEach(async () => {
  await agent?.close()
  agent = undefined
  silent?.closeAllConnections()
  silent?.close()
  silent = undefined
})
afterAll(async () => {
  await browser.close()
  keepIssued(demo.jpki)
  await demo.close()
  await database.drop()
  await directory.remove()
})

async function startAgent(issuer = demo.urls.provider): Promise<void> {
  const reader = createVirtualReader(demo.jpki)
  await reader.useCard('taro')
  agent = createAgent({
    cards: reader.readers,
    trustList: trustProviders([{ issuer, development: true }]),
    now: demo.jpki.clock.now,
    log: createAgentLog({ level: 'silent' }),
    port: agentPort,
  })
  await agent.listen()
}

/** The sign-in page, and every request that went to the agent's address. */
async function openSignIn({ allow, ...options }: PageOptions & { allow: boolean }) {
  const watched = await openPage(browser, options)
  const { page, context } = watched
  if (allow) await context.grantPermissions(['local-network-access'], { origin: demo.urls.provider })
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().startsWith(demo.urls.agent)) asked.push(new URL(request.url()).pathname)
  })
  await page.goto(demo.urls.shop)
  await page.locator('#sign-in').click()
  await page.waitForURL(`${demo.urls.provider}/interaction/**`)
  return { ...watched, asked, [Symbol.asyncDispose]: () => watched[Symbol.asyncDispose]() }
}

const useCard = (page: Page) => page.locator('#use-card button').click()
const atAgent = (page: Page) => page.waitForURL(`${demo.urls.agent}/sign-in**`)
const panel = (page: Page) => page.locator('#agent-missing')

describe('the agent runs', () => {
  test('permission given: asked once, after the click; straight on to the agent, and signed in', async () => {
    await startAgent()
    await using opened = await openSignIn({ allow: true })
    const { page, asked, complaints } = opened
    await page.waitForLoadState('networkidle')
    expect(asked).toEqual([])
    await useCard(page)
    await atAgent(page)
    expect(asked.slice(0, 2)).toEqual(['/presence', '/sign-in'])
    await page.locator('#pin').fill('1234')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${demo.urls.shop}/`)
    expect(complaints).toEqual([])
  })

  test('permission refused: the page says so, and one button more leads to the agent; it does not ask again', async () => {
    await startAgent()
    await using opened = await openSignIn({ allow: false, locale: 'en' })
    const { page } = opened
    await useCard(page)
    await panel(page).waitFor()
    expect(await page.locator('#agent-unseen').isVisible()).toBe(true)
    expect(await page.locator('#go-anyway').isVisible()).toBe(false)
    expect(await checkAccessibility(page)).toEqual([])
    await takeScreenshot(page, 'find-agent-unseen-en-desktop')
    await page.locator('#continue').click()
    await atAgent(page)
    await page.goBack()
    await page.locator('#use-card').waitFor()
    if (await panel(page).isHidden()) await useCard(page)
    await page.locator('#continue').click()
    await atAgent(page)
  })

  test('but does not trust this provider: it is not found, and going on all the same, it says why', async () => {
    await startAgent('https://another.example')
    await using opened = await openSignIn({ allow: true })
    const { page } = opened
    await useCard(page)
    await panel(page).waitFor()
    expect(await panel(page).textContent()).toContain(`sekisho-agent trust add ${demo.urls.provider} --development`)
    await page.locator('#go-anyway').click()
    await page.locator('main[data-code=PROVIDER_UNKNOWN]').waitFor()
  })

  test('without JavaScript: the form alone, nothing asked before', async () => {
    await startAgent()
    await using opened = await openSignIn({ allow: false, javaScriptEnabled: false })
    const { page, asked } = opened
    await useCard(page)
    await atAgent(page)
    expect(asked[0]).toBe('/sign-in')
  })
})

describe('the agent does not run', () => {
  test.each(['ja', 'en'] as const)(
    'how to get and start it, in %s: accessible, light and dark, at 320 px; “continue” works once it runs',
    async (locale) => {
      await using opened = await openSignIn({ allow: true, locale })
      const { page, asked } = opened
      await useCard(page)
      await panel(page).waitFor()
      await page.locator('#agent-missing-title:focus').waitFor()
      expect(await page.locator('#start-agent').getAttribute('href')).toBe('sekisho-agent:')
      expect(await page.locator('#get-agent').getAttribute('href')).toBe(`/agent?lang=${locale}`)
      expect(await checkAccessibility(page)).toEqual([])
      await takeScreenshot(page, `find-agent-absent-${locale}-desktop`)
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await checkAccessibility(page)).toEqual([])
      await page.emulateMedia({ colorScheme: 'light' })
      await page.setViewportSize({ width: 320, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
      await takeScreenshot(page, `find-agent-absent-${locale}-phone`)

      await page.locator('#continue').click()
      const still = await page.locator('#looking').getAttribute('data-still')
      await page.getByText(still ?? '', { exact: true }).waitFor()
      await startAgent()
      await page.locator('#continue').click()
      await atAgent(page)
      // one question a press, and nothing in it
      expect(asked.slice(0, 4)).toEqual(['/presence', '/presence', '/presence', '/sign-in'])
    },
  )

  test('by keyboard alone', async () => {
    await using opened = await openSignIn({ allow: true })
    const { page } = opened
    await page.locator('#use-card button').focus()
    await page.keyboard.press('Enter')
    await page.locator('#agent-missing-title:focus').waitFor()
    const stops: string[] = []
    for (let presses = 0; presses < 4; presses += 1) {
      await page.keyboard.press('Tab')
      stops.push(await page.evaluate(() => document.activeElement?.id ?? ''))
    }
    expect(stops).toEqual(['start-agent', 'get-agent', 'continue', 'go-anyway'])
    await page.keyboard.press('Shift+Tab')
    await startAgent()
    await page.keyboard.press('Enter')
    await atAgent(page)
  })

  test('the link that starts it: the page looks a few times, says when it runs, and the focus is where one goes on', async () => {
    await using opened = await openSignIn({ allow: true })
    const { page } = opened
    await useCard(page)
    await panel(page).waitFor()
    // the browser asks whether it may open another program, above the page and beyond the reach of a test
    await page.locator('#start-agent').evaluate((link) => {
      link.addEventListener('click', (event) => {
        event.preventDefault()
      })
    })
    await page.locator('#start-agent').click()
    await startAgent()
    await page.locator('#continue:focus').waitFor()
    const found = await page.locator('#looking').getAttribute('data-found')
    expect(await page.locator('#looking').textContent()).toBe(found)
    await page.keyboard.press('Enter')
    await atAgent(page)
  })

  test('attack 23: somebody else waits on its port and says nothing: the page does not wait for ever', async () => {
    silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent?.listen(agentPort, '127.0.0.1', resolve))
    await using opened = await openSignIn({ allow: true })
    const { page } = opened
    await useCard(page)
    await panel(page).waitFor()
    expect(await page.locator('#go-anyway').isVisible()).toBe(true)
  })
})

test('attack 23: a stranger’s page, with permission and all, cannot tell the agent from nobody', async () => {
  const seenBy = async (): Promise<unknown> => {
    await using watched = await openPage(browser)
    const { page, context } = watched
    const shop = demo.urls.shop
    await context.grantPermissions(['local-network-access'], { origin: shop })
    await page.goto(shop)
    return await page.evaluate(
      (origin) =>
        Promise.all(
          ['/presence', '/', '/assets/icon.svg'].flatMap((path) =>
            (['cors', 'no-cors'] as const).map((mode) =>
              fetch(`${origin}${path}`, { mode, cache: 'no-store' }).then(
                ({ type, status }) => `${type} ${status}`,
                String,
              ),
            ),
          ),
        ),
      demo.urls.agent,
    )
  }
  const nobody = await seenBy()
  await startAgent()
  const somebody = await seenBy()
  expect(somebody).toEqual(nobody)
  expect(new Set(somebody as string[])).toEqual(new Set(['TypeError: Failed to fetch']))
})

describe.each(['ja', 'en'] as const)('/agent in %s, where no build is offered', (locale) => {
  test('says so and what to do; accessible, light and dark, at 320 px', async () => {
    await using watched = await openPage(browser, { locale })
    const { page, complaints } = watched
    await page.goto(`${demo.urls.provider}/agent`)
    expect(await page.locator('html').getAttribute('lang')).toBe(locale)
    await page.locator('[data-empty]').waitFor()
    expect(await page.locator('[data-download]').count()).toBe(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await checkAccessibility(page)).toEqual([])
    }
    await page.setViewportSize({ width: 320, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    await takeScreenshot(page, `agent-downloads-${locale}`)
    expect(complaints).toEqual([])
  })
})

test.each(['ja', 'en'] as const)(
  '/agent in %s with builds to offer: accessible, light and dark, at 320 px',
  async (locale) => {
    const root = new URL('../../', import.meta.url)
    const builds = join(directory.path, `builds-${locale}`)
    mkdirSync(builds)
    const downloads = (['npm', 'linux-x64'] as const).map((kind) => {
      const file = `sekisho-agent-1.2.3${kind === 'npm' ? '.tgz' : '-linux-x64.tar.gz'}`
      writeFileSync(join(builds, file), kind)
      return { kind, file, bytes: kind.length, sha256: createHash('sha256').update(kind).digest('hex') }
    })
    const manifest = { format: 'sekisho-agent-downloads:1', version: '1.2.3', downloads }
    writeFileSync(join(builds, 'downloads.json'), JSON.stringify(manifest))
    const render = createRender({
      viewsDirectory: new URL('views/', root),
      messages: loadMessages(new URL('locales/', root)),
    })
    const app = express()
    app.use('/assets', express.static(fileURLToPath(new URL('public/', root))))
    const issuer = 'https://id.example.jp'
    app.use('/agent', createAgentPages({ issuer, render, defaultLocale: 'ja', downloadsDirectory: builds }))
    silent = createServer(app)
    const [port = 0] = await freePorts(1)
    await new Promise<void>((resolve) => silent?.listen(port, '127.0.0.1', resolve))

    await using watched = await openPage(browser, { locale })
    const { page, complaints } = watched
    await page.goto(`http://127.0.0.1:${port}/agent`)
    expect(await page.locator('[data-download]').count()).toBe(2)
    await takeScreenshot(page, `agent-builds-${locale}-desktop`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await checkAccessibility(page)).toEqual([])
    }
    await page.setViewportSize({ width: 320, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    expect(complaints).toEqual([])
  },
)
