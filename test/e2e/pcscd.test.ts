import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium, openPage } from '../support/chromium.ts'
import { startPcscd, type AttachedCard, type PrivatePcscd } from '../support/pcscd.ts'
import { pollUntil } from '../support/poll-until.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

/**
 * The real way of a card: the agent as its own process, libpcsclite, pcscd, a reader driver. Only the chip is software.
 */
const AGENT = join(import.meta.dirname, '../../packages/agent/bin/sekisho-agent.js')

let system: WholeSystem
let pcscd: PrivatePcscd
let configuration: TempDirectory
let agent: ChildProcessByStdio<null, Readable, Readable>
let agentOutput = ''
let browser: Browser
let card: AttachedCard

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true })
  pcscd = await startPcscd()
  configuration = createTempDirectory('agent')
  const environment = { ...process.env, ...pcscd.environment, XDG_CONFIG_HOME: configuration.path, LANG: 'C' }

  const trust = ['trust', 'add', system.issuer, '--development', '--yes']
  await promisify(execFile)(process.execPath, [AGENT, ...trust], { env: environment })

  const { port } = new URL(system.demo.urls.agent)
  agent = spawn(process.execPath, [AGENT, 'serve', '--port', port, '--log-level', 'debug'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [agent.stdout, agent.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      agentOutput += text
    })
  }
  await pollUntil(
    () =>
      fetch(system.demo.urls.agent).then(
        () => true,
        () => false,
      ),
    {
      complaint: () => `the agent did not start: ${agentOutput}`,
    },
  )
  browser = await launchChromium()
})

afterEach(async () => {
  await card.close()
})

afterAll(async () => {
  await browser.close()
  agent.kill('SIGTERM')
  await once(agent, 'exit')
  await pcscd.stop()
  await configuration.remove()
  await system.close()
})

async function attach(persona: string): Promise<void> {
  card = await pcscd.attachCard(await system.demo.jpki.card(persona))
}

async function goToAgent(page: Page): Promise<void> {
  await page.goto(system.demo.urls.shop)
  await page.locator('#sign-in').click()
  await page.locator('#use-card button').click()
  await page.waitForURL(`${system.demo.urls.agent}/sign-in**`)
}

const typePin = async (page: Page, pin: string): Promise<void> => {
  await page.locator('#pin').fill(pin)
  await page.locator('#pin-form button').click()
}

const problemOf = async (page: Page): Promise<string | null> => {
  await page.locator('main[data-page="problem"]').waitFor()
  return page.locator('main').getAttribute('data-code')
}

test('a person signs in through pcscd, and the card is reset afterwards', async () => {
  await attach('taro')
  await using watched = await openPage(browser)
  await goToAgent(watched.page)
  await typePin(watched.page, '1234')
  await watched.page.waitForURL(`${system.demo.urls.shop}/`)
  expect(await watched.page.locator('#claims').textContent()).toContain('"acr":"phrh"')
  expect((await card.triesLeft()).authentication).toBe(3)

  // what is left of the PIN on the card: nothing. A program that signs now is refused.
  const { stdout } = await pcscd.run([
    'opensc-tool', '-r', '0',
    '-s', '00A4040C0AD392F000260100000001', '-s', '00A4020C020017', '-s', '802A0080010100',
  ]) // prettier-ignore
  expect(stdout).toMatch(/Received \(SW1=0x69, SW2=0x82\)/)
})

test('attack 28: a wrong PIN costs one try, is said, and is never sent twice', async () => {
  await attach('taro')
  await using watched = await openPage(browser)
  await goToAgent(watched.page)
  await typePin(watched.page, '0000')
  await watched.page.locator('#notice').waitFor()
  expect((await card.triesLeft()).authentication).toBe(2)
  const verified = (await card.log()).filter(({ name, command }) => name === 'VERIFY' && command.endsWith('****'))
  expect(verified.map(({ status }) => status)).toEqual(['63C2'])
  await typePin(watched.page, '1234')
  await watched.page.waitForURL(`${system.demo.urls.shop}/`)
  expect((await card.triesLeft()).authentication).toBe(3)
})

test('attack 27: a card pulled out while the page is open: the page says so by itself, and goes on by itself once it is back', async () => {
  await attach('hanako')
  await using watched = await openPage(browser)
  await goToAgent(watched.page)
  await watched.page.locator('#pin').waitFor()
  await card.remove()
  expect(await problemOf(watched.page)).toMatch(/^CARD_(REMOVED|NOT_FOUND)$/)
  expect((await card.triesLeft()).authentication).toBe(3)
  await card.insert()
  await typePin(watched.page, '1234')
  await watched.page.waitForURL(`${system.demo.urls.shop}/`)
})

test('attack 27: pcscd killed while the page is open: the page says so by itself, and goes on by itself once it runs again', async () => {
  await attach('hanako')
  await using watched = await openPage(browser)
  await goToAgent(watched.page)
  await watched.page.locator('#pin').waitFor()
  await pcscd.kill()
  expect(await problemOf(watched.page)).toBe('READER_SERVICE_UNAVAILABLE')
  expect((await card.triesLeft()).authentication).toBe(3)
  await pcscd.restart()
  await card.insert()
  await typePin(watched.page, '1234')
  await watched.page.waitForURL(`${system.demo.urls.shop}/`)
})

test('attack 28: the PIN and the certificate are in nothing that was written or logged', async () => {
  await attach('taro')
  await using watched = await openPage(browser)
  await goToAgent(watched.page)
  await typePin(watched.page, '1234')
  await watched.page.waitForURL(`${system.demo.urls.shop}/`)
  const { authentication } = await system.demo.jpki.card('taro')
  expect(agentOutput.length).toBeGreaterThan(500)
  // an APDU with the PIN in it, in any writing
  expect(agentOutput).not.toMatch(/31\s*32\s*33\s*34|"1234"|pin=1234|MTIzNA/i)
  const der = Buffer.from(authentication.certificateDer)
  for (const encoding of ['hex', 'base64'] as const) {
    expect(agentOutput.toLowerCase()).not.toContain(der.subarray(200, 260).toString(encoding).toLowerCase())
  }
})
