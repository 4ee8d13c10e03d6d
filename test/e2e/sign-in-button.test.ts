import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUTTON } from '../../examples/relying-party/src/button.ts'
import { checkAccessibility, launchChromium, openPage } from '../support/chromium.ts'
import { startForeignSite, type ForeignSite } from '../support/foreign-site.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

const CLIENT = 'foreign-site'

let system: WholeSystem
let browser: Browser
let site: ForeignSite
let issuer: string

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false })
  issuer = system.issuer
  const script = `<script type="module" src="${issuer}${BUTTON.path}" integrity="${BUTTON.integrity}" crossorigin="anonymous"></script>`
  const button = `<sign-in-with-my-number-card issuer="${issuer}" client-id="${CLIENT}" redirect-uri="/signed-in">JavaScript</sign-in-with-my-number-card>`
  const looks = ['ja', 'en', 'ja-easy'].flatMap((language) =>
    ['small', 'medium', 'large'].map(
      (size) =>
        `<p><sign-in-with-my-number-card language="${language}" size="${size}"><a href="/elsewhere">x</a></sign-in-with-my-number-card></p>`,
    ),
  )
  const html = (body: string): string =>
    `<!doctype html><html lang="ja"><meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css"><title>Site</title><main><h1>Site</h1>${body}</main></html>`
  site = await startForeignSite(
    [
      "default-src 'none'",
      `script-src 'self' ${issuer}/button/`,
      `connect-src ${issuer}`,
      "style-src 'self'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    {
      '/': html(`${button}<script type="module" src="/watch.js"></script>${script}`),
      '/signed-in': html(`${button}<pre id="out"></pre>${script}<script type="module" src="/callback.js"></script>`),
      '/looks': html(`${looks.join('')}${script}`),
      '/states': html(
        `<p><sign-in-with-my-number-card busy><a href="/x">x</a></sign-in-with-my-number-card></p>
         <p><sign-in-with-my-number-card error="access_denied"><a href="/x">x</a></sign-in-with-my-number-card></p>
         <p><sign-in-with-my-number-card theme="dark" language="en" error="temporarily_unavailable"><a href="/x">x</a></sign-in-with-my-number-card></p>${script}`,
      ),
      '/tampered': html(
        `<sign-in-with-my-number-card><a href="/elsewhere">plain</a></sign-in-with-my-number-card>${script.replace('sha384-', 'sha384-AAAA')}`,
      ),
      '/scripting': html(
        `<sign-in-with-my-number-card><a href="javascript:document.title='pwned'">x</a></sign-in-with-my-number-card>${script}`,
      ),
      '/site.css': ':root { color-scheme: light dark } body { background: Canvas; color: CanvasText }',
      '/elsewhere': html('<p id="arrived">arrived</p>'),
      '/watch.js': `window.seen = []
        for (const type of ['sign-in-start', 'sign-in-error'])
          document.addEventListener(type, (event) => {
            window.seen.push([type, event.detail])
            if (location.hash === '#no') event.preventDefault()
          })`,
      '/callback.js': `import { finishSignIn } from '${issuer}${BUTTON.path}'
        const out = document.getElementById('out')
        try { out.textContent = JSON.stringify((await finishSignIn()) ?? 'nobody') }
        catch (error) {
          out.textContent = JSON.stringify({ code: error.code })
          document.querySelector('sign-in-with-my-number-card').error = error.code
        }`,
    },
  )
  await system.demo.provider.clients.upsert({
    clientId: CLIENT,
    applicationType: 'spa',
    displayName: { ja: 'よそのサイト', en: 'Somebody else’s site' },
    firstParty: true,
    redirectUris: [`${site.origin}/signed-in`],
  })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await site[Symbol.asyncDispose]()
  await system.close()
})

const seenOn = (page: Page): Promise<unknown> => page.evaluate(() => (window as unknown as { seen: unknown }).seen)

async function press(page: Page): Promise<void> {
  await page.goto(site.origin)
  await page.getByRole('button', { name: 'マイナンバーカードでサインイン' }).click()
}

async function outcome(page: Page): Promise<Record<string, unknown>> {
  await page.locator('#out:not(:empty)').waitFor()
  return JSON.parse((await page.locator('#out').textContent()) ?? '') as Record<string, unknown>
}

describe('a site without a server of its own, with a strict Content-Security-Policy and Trusted Types', () => {
  test('code and PKCE, from the press to the claims', async () => {
    await system.demo.useCard('taro')
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    await press(page)
    await page.waitForURL(`${issuer}/interaction/**`)
    await page.locator('#use-card button').click()
    await page.locator('#pin').fill('1234')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${site.origin}/signed-in**`)
    const { claims, idToken } = await outcome(page)
    expect(claims).toMatchObject({ iss: issuer, aud: CLIENT, acr: 'phrh' })
    expect((claims as { sub: string }).sub).toMatch(/^[\w-]{43}$/)
    expect(String(idToken).split('.')).toHaveLength(3)
    // attack 13: neither the code nor what belongs to it stays where others look
    expect(page.url()).toBe(`${site.origin}/signed-in`)
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    expect(complaints).toEqual([])
  })

  test('who declines comes back to a button that says so', async () => {
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    await press(page)
    await page.locator('#cancel').click()
    expect(await outcome(page)).toEqual({ code: 'access_denied' })
    expect(await page.getByRole('alert').textContent()).toBe('サインインは中止されました。')
    expect(await checkAccessibility(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('events say that it began, and nothing about anybody; a site may say no', async () => {
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${site.origin}/#no`)
    await page.getByRole('button').click()
    expect(await seenOn(page)).toEqual([['sign-in-start', { mode: 'code' }]])
    expect(page.url()).toBe(`${site.origin}/#no`)
  })
})

describe('attacks 10, 13: a response that does not belong here', () => {
  /** Pressed, and no further: the provider's page never opens. @returns what the provider was told */
  async function begun(page: Page): Promise<{ readonly state: string; readonly nonce: string }> {
    await page.route(`${issuer}/auth?**`, (route) => route.fulfill({ status: 204 }))
    const [request] = await Promise.all([page.waitForRequest(`${issuer}/auth?**`), press(page)])
    const { searchParams } = new URL(request.url())
    return { state: searchParams.get('state') ?? '', nonce: searchParams.get('nonce') ?? '' }
  }

  test.each([
    ['a state that nobody made', () => ({ state: 'x'.repeat(43), iss: issuer }), 'state_unknown'],
    ['no issuer', (state: string) => ({ state }), 'issuer_mismatch'],
    ['another issuer', (state: string) => ({ state, iss: 'https://evil.example' }), 'issuer_mismatch'],
    ['a code that the provider never gave', (state: string) => ({ state, iss: issuer }), 'token_refused'],
    ['an error that is no error code', (state: string) => ({ state, iss: issuer, error: '<b>' }), 'response_invalid'],
  ])('%s', async (_name, parameters, code) => {
    await using watched = await openPage(browser)
    const { page } = watched
    const query = new URLSearchParams({ code: 'forged', ...parameters((await begun(page)).state) })
    await page.goto(`${site.origin}/signed-in?${query.toString()}`)
    expect(await outcome(page)).toEqual({ code })
    // and it is spent
    await page.goto(`${site.origin}/signed-in?${query.toString()}`)
    expect(await outcome(page)).toEqual({ code: 'state_unknown' })
  })

  test('another browser’s response', async () => {
    await using mine = await openPage(browser)
    await using other = await openPage(browser)
    const { state } = await begun(mine.page)
    await other.page.goto(`${site.origin}/signed-in?code=x&state=${state}&iss=${encodeURIComponent(issuer)}`)
    expect(await outcome(other.page)).toEqual({ code: 'state_unknown' })
  })

  test('an ID token that is wrong in any one claim', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const right = { iss: issuer, aud: CLIENT, sub: 's', exp: now + 60, iat: now }
    await using watched = await openPage(browser)
    const { page } = watched
    const tokens: string[] = []
    await page.route(`${issuer}/token`, (route) =>
      route.fulfill({
        json: { id_token: tokens.at(-1), access_token: 'x' },
        headers: { 'access-control-allow-origin': site.origin },
      }),
    )
    const endWith = async (change: (claims: object) => object): Promise<unknown> => {
      const { state, nonce } = await begun(page)
      tokens.push(`${encode({ alg: 'ES256' })}.${encode(change({ ...right, nonce }))}.c2ln`)
      await page.goto(`${site.origin}/signed-in?code=x&state=${state}&iss=${encodeURIComponent(issuer)}`)
      return outcome(page)
    }
    for (const wrong of [
      { iss: 'https://evil.example' },
      { aud: 'another-site' },
      { aud: [CLIENT, 'another-site'] },
      { nonce: 'x' },
      { nonce: undefined },
      { sub: undefined },
      { exp: 1 },
      { iat: 9_999_999_999 },
    ]) {
      const end = await endWith((claims) => ({ ...claims, ...wrong }))
      expect(end, JSON.stringify(wrong)).toEqual({ code: 'id_token_invalid' })
    }
    // and the same one, when nothing is wrong with it
    expect(await endWith((claims) => claims)).toMatchObject({ claims: { sub: 's' } })
  })
})

describe('when something is not there', () => {
  test.each([
    [
      'the provider does not answer',
      'abort',
      'provider_unreachable',
      '今はサインインできません。しばらくしてからもう一度お試しください。',
    ],
    [
      'another provider answers',
      { issuer: 'https://evil.example' },
      'provider_mismatch',
      'サインインできませんでした。もう一度お試しください。',
    ],
    [
      'its endpoint has no TLS',
      { authorization_endpoint: 'http://evil.example/auth', token_endpoint: 'http://evil.example/token' },
      'provider_mismatch',
      'サインインできませんでした。もう一度お試しください。',
    ],
  ] as const)('%s', async (_name, answer, code, message) => {
    await using watched = await openPage(browser)
    const { page } = watched
    await page.route('**/.well-known/openid-configuration', (route) =>
      answer === 'abort'
        ? route.abort()
        : route.fulfill({ json: { issuer, ...answer }, headers: { 'access-control-allow-origin': '*' } }),
    )
    await press(page)
    await page.getByRole('alert').filter({ hasText: message }).waitFor()
    expect(await page.getByRole('button').getAttribute('aria-busy')).toBe('false')
    expect(await seenOn(page)).toEqual([
      ['sign-in-start', { mode: 'code' }],
      ['sign-in-error', { code }],
    ])
    expect(page.url()).toBe(`${site.origin}/`)
  })

  test('without JavaScript it is a plain link', async () => {
    await using watched = await openPage(browser, { javaScriptEnabled: false })
    const { page } = watched
    await page.goto(`${site.origin}/looks`)
    await page.locator('sign-in-with-my-number-card a').first().click()
    expect(await page.locator('#arrived').count()).toBe(1)
  })

  test('a file with another hash does not run, and the plain link stays', async () => {
    await using watched = await openPage(browser)
    const { page, complaints } = watched
    await page.goto(`${site.origin}/tampered`)
    await page.getByRole('link', { name: 'plain' }).click()
    expect(await page.locator('#arrived').count()).toBe(1)
    expect(complaints.join()).toMatch(/integrity/)
  })

  test('a link that would run a script is none', async () => {
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${site.origin}/scripting`)
    const control = page.locator('sign-in-with-my-number-card [part=button]')
    expect(await control.getAttribute('href')).toBe('')
    await control.click()
    await page.getByRole('alert').filter({ hasText: 'もう一度' }).waitFor()
    expect(await page.title()).toBe('Site')
  })
})

describe('what it looks like', () => {
  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['contrast', { contrast: 'more' }],
    ['forced-colors', { forcedColors: 'active' }],
  ] as const)('%s: every language, size and state is accessible and fits 320 px', async (name, media) => {
    const context = await browser.newContext({ locale: 'ja', viewport: { width: 320, height: 640 }, ...media })
    const page = await context.newPage()
    for (const path of ['looks', 'states']) {
      await page.goto(`${site.origin}/${path}`)
      await page.locator('sign-in-with-my-number-card [part=button]').first().waitFor()
      await lookAt(page, `button-${path}-${name}`)
    }
    await context.close()
  })

  test('it moves only for those who do not mind', async () => {
    const animations: string[] = []
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      const context = await browser.newContext({ reducedMotion })
      const page = await context.newPage()
      await page.goto(`${site.origin}/states`)
      const path = page.locator('sign-in-with-my-number-card[busy] path')
      animations.push(await path.evaluate((element) => getComputedStyle(element).animationName))
      await context.close()
    }
    expect(animations).toEqual(['pass', 'none'])
  })

  test('the link goes where the link inside goes, by keyboard; once pressed it is busy, and ready again on the way back', async () => {
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${site.origin}/looks`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('sign-in-with-my-number-card')
    await page.keyboard.press('Enter')
    await page.locator('#arrived').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Sign in with My Number Card' }).first().waitFor()
    expect(await page.locator('sign-in-with-my-number-card[busy]').count()).toBe(0)
  })

  test('while it is busy, pressing does nothing', async () => {
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(`${site.origin}/states`)
    await page.locator('sign-in-with-my-number-card[busy] [part=button]').click({ force: true })
    expect(page.url()).toBe(`${site.origin}/states`)
  })
})
