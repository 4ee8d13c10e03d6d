/**
 * `npm run agent:screenshots [-- name …]`: the pictures of docs/agent.md, each state of the agent's pages and of the provider's pages
 * about it, in Japanese on a wide light screen and in English on a narrow dark one. With names, those states alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { issueCard } from '../packages/agent/test/support/issue-card.ts'
import { startStage } from '../packages/agent/test/support/start-agent.ts'
import { startDemo } from '../src/main/demo/start-demo.ts'
import { AGENT_STATES, fingerprintOf, signInAddress } from '../test/support/agent-states.ts'
import { launchChromium } from '../test/support/chromium.ts'
import { freePorts } from '../test/support/free-port.ts'
import { PROVIDER_STATES } from '../test/support/provider-agent-states.ts'
import { createTempDirectory } from '../test/support/temp-directory.ts'

const FOLDER = join(import.meta.dirname, '..', 'docs', 'agent')
const SHAPES = [
  { locale: 'ja', colorScheme: 'light', viewport: { width: 720, height: 400 } },
  { locale: 'en', colorScheme: 'dark', viewport: { width: 360, height: 400 } },
] as const
type Shape = (typeof SHAPES)[number]

const wanted = process.argv.slice(2)
const isWanted = ({ name }: { name: string }) => wanted.length === 0 || wanted.includes(name)
const texts = readTexts()

mkdirSync(FOLDER, { recursive: true })
await takeAgentPictures()
await takeProviderPictures()
const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(join(FOLDER, 'texts.json'), `${JSON.stringify(sorted, null, 2)}\n`)

async function takeAgentPictures(): Promise<void> {
  const issued = await issueCard()
  await using browser = await launchChromium()
  for (const state of AGENT_STATES.filter(isWanted)) {
    for (const shape of SHAPES) {
      const stage = await startStage({ issued, ...state.options })
      await withPage(browser, shape, async (page) => {
        await page.goto(signInAddress(stage, stage.provider.issueTicket({ locale: shape.locale })))
        await state.reach?.(page, stage, issued)
        const text = await page.locator('main').textContent()
        texts[state.name] = { ...texts[state.name], [shape.locale]: fingerprintOf(text) }
        await take(page, `${state.name}-${shape.locale}`)
      })
      await stage.close()
    }
  }
}

async function takeProviderPictures(): Promise<void> {
  const states = PROVIDER_STATES.filter(isWanted)
  if (states.length === 0) return
  await using directory = createTempDirectory('agent-screenshots')
  const [provider = 0, shop = 0, jpki = 0, agent = 0] = await freePorts(4)
  const demo = await startDemo({
    dataDirectory: directory.path,
    persona: 'taro',
    ports: { provider, shop, jpki, agent },
    withoutAgent: true,
    logLevel: 'silent',
  })
  await using browser = await launchChromium([`--ip-address-space-overrides=127.0.0.1:${provider}=public`])
  for (const state of states) {
    for (const shape of SHAPES) {
      await withPage(browser, shape, async (page) => {
        if (state.mayLook) {
          await page.context().grantPermissions(['local-network-access'], { origin: demo.urls.provider })
        }
        await state.reach(page, demo.urls)
        await take(page, `${state.name}-${shape.locale}`)
      })
    }
  }
  await demo.close()
}

async function withPage(browser: Browser, shape: Shape, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ ...shape, reducedMotion: 'reduce' })
  await work(await context.newPage())
  await context.close()
}

/** WebP, which is a quarter of PNG; Playwright does not write it, Chromium does. */
async function take(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { cssContentSize } = await session.send('Page.getLayoutMetrics')
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 60,
    captureBeyondViewport: true,
    clip: { ...cssContentSize, scale: 1 },
  })
  writeFileSync(join(FOLDER, `${name}.webp`), Buffer.from(data, 'base64'))
  console.log(`${name}.webp`)
}

function readTexts(): Record<string, Partial<Record<'ja' | 'en', string>>> {
  try {
    return JSON.parse(readFileSync(join(FOLDER, 'texts.json'), 'utf8')) as ReturnType<typeof readTexts>
  } catch {
    return {}
  }
}
