import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeServer, listen } from '../../src/main/http-server.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { registerAsThePageSays, unquotedPrograms } from '../support/recipe.ts'
import { sekishoJson } from '../support/run-sekisho.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

const RECIPE = fileURLToPath(new URL('../conformance/recipes/oidc-client-ts/', import.meta.url))

/** The application of docs/relying-parties/oidc-client-ts.md, built as one builds it, in a browser. */
let system: WholeSystem
let browser: Browser
let directory: TempDirectory
let site = ''
const app = express()
const server = createServer(app)
/** Between the response and the application that waits for it. */
let isHeld = false

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false })
  directory = createTempDirectory('recipe-spa')
  site = `http://localhost:${await listen(server, '127.0.0.1', 0)}`
  const { clientId } = await registerAsThePageSays(system.demo.environment, 'oidc-client-ts', { baseUrl: site })
  writeFileSync(join(directory.path, '.env'), `VITE_ISSUER=${system.issuer}\nVITE_CLIENT_ID=${clientId}\n`)
  const outDir = join(directory.path, 'dist')
  await build({ root: RECIPE, configFile: false, envDir: directory.path, logLevel: 'error', build: { outDir } })
  app.use(express.static(outDir))
  app.get('/favicon.ico', (_req, res) => res.sendStatus(204))
  app.get('/callback', (_req, res) => {
    if (isHeld) res.send('<p id="held">held</p>')
    else res.sendFile(join(outDir, 'index.html'))
  })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await closeServer(server, 200)
  await system.close()
  await directory.remove()
})

/** From the application's button to the response, which the application does not see yet. */
async function comeBack(page: Page): Promise<string> {
  await page.goto(site)
  await page.locator('#sign-in').click()
  await page.locator('#use-card button').click()
  await page.locator('#pin').fill('1234')
  isHeld = true
  await page.keyboard.press('Enter')
  // asked once a person and site
  await page.locator('#consent, #held').waitFor()
  if (await page.locator('#consent').isVisible()) await page.locator('#consent button').click()
  await page.waitForURL(`${site}/callback**`)
  isHeld = false
  return page.url()
}

/** @returns who the application says they are */
async function signIn(page: Page): Promise<string> {
  await page.goto(await comeBack(page))
  await page.locator('#sign-out').waitFor()
  return (await page.locator('#status').textContent()) ?? ''
}

/** Why the application did not take a response. */
async function refusalOf(page: Page): Promise<string> {
  await page.locator('#sign-in').waitFor()
  expect(await page.locator('#sign-out').isVisible()).toBe(false)
  return (await page.locator('#status').textContent()) ?? ''
}

test('the page quotes the program as it is', () => {
  expect(unquotedPrograms('oidc-client-ts', ['oidc-client-ts/index.html', 'oidc-client-ts/main.ts'])).toEqual([])
})

/** The library learns the nonce for its proofs from a refusal, which the browser writes down. */
const USE_DPOP_NONCE = 'console: Failed to load resource: the server responded with a status of 400 (Bad Request)'

test('signs in, with tokens that are bound to a key, and the same person is the same', async () => {
  const people: string[] = []
  for (const _ of [1, 2]) {
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    people.push(await signIn(page))
    const kept = await page.evaluate(() => sessionStorage.getItem(sessionStorage.key(0) ?? '') ?? '')
    expect(JSON.parse(kept)).toMatchObject({ token_type: 'DPoP', profile: { acr: 'phrh' } })
    await page.reload()
    await page.locator('#sign-out').waitFor()
    expect(complaints).toEqual([USE_DPOP_NONCE])
  }
  expect(people[0]?.split(' ')).toEqual([system.issuer, expect.stringMatching(/^[\w-]{43}$/)])
  expect(people[1]).toBe(people[0])
})

test('whoever signs out is out, here and at the provider, and the token is worth nothing', async () => {
  await using watched = await openPage(browser)
  const { page, complaints } = watched
  await signIn(page)
  const before = await system.leftBehind()
  await page.locator('#sign-out').click()
  await page.waitForURL(`${system.issuer}/session/end**`)
  const after = await system.leftBehind()
  expect(after['AccessToken']).toBe((before['AccessToken'] ?? 0) - 1)
  await page.locator('#logout button[value="yes"]').click()
  await page.waitForURL(`${site}/**`)
  await page.locator('#sign-in').click()
  await page.waitForURL(`${system.issuer}/interaction/**`)
  expect(complaints).toEqual([USE_DPOP_NONCE])
})

test('attack 13: a response that another browser asked for signs nobody in', async () => {
  await using attacker = await openPage(browser)
  await using victim = await openPage(browser)
  await victim.page.goto(await comeBack(attacker.page))
  expect(await refusalOf(victim.page)).toBe('No matching state found in storage')
})

test('attack 10: a response that names another issuer is thrown out', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  const response = new URL(await comeBack(page))
  response.searchParams.set('iss', 'https://attacker.example')
  await page.goto(response.href)
  expect(await refusalOf(page)).toBe('a response of somebody else')
})

test('a card that nobody could check does not do', async () => {
  const { environment, jpki, useCard } = system.demo
  await sekishoJson(environment, 'client', 'update', 'shop-app', '--revocation-policy', 'allow-unchecked')
  await useCard('hanako')
  await using watched = await openPage(browser)
  const { page } = watched
  jpki.misbehave({ ocsp: 'try-later' })
  const response = await comeBack(page)
  jpki.misbehave({})
  await page.goto(response)
  expect(await refusalOf(page)).toBe('not signed in')
  await useCard('taro')
})

test('somebody who cancels is not signed in', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(site)
  await page.locator('#sign-in').click()
  await page.locator('#cancel').click()
  expect(await refusalOf(page)).toBe('the person did not finish signing in')
})

test('a page of another origin reads neither tokens nor errors', async () => {
  await using watched = await openPage(browser)
  const { page } = watched
  await page.goto(system.demo.urls.jpki)
  const read = (address: string, method: string): Promise<string> =>
    page.evaluate(
      async ([to = '', by = '']) =>
        fetch(to, {
          method: by,
          ...(by === 'POST' ? { body: new URLSearchParams({ client_id: 'shop-app' }) } : {}),
        }).then(
          ({ status }) => String(status),
          () => 'blocked',
        ),
      [address, method],
    )
  expect(await read(`${system.issuer}/.well-known/openid-configuration`, 'GET')).toBe('200')
  expect(await read(`${system.issuer}/token`, 'POST')).toBe('blocked')
  expect(await read(`${system.issuer}/token/revocation`, 'POST')).toBe('blocked')
  expect(await read(`${system.issuer}/`, 'GET')).toBe('blocked')
})
