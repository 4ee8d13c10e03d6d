import * as client from 'openid-client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useCardInBrowser } from '../support/card-in-browser.ts'
import { launchChromium, openPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

let system: WholeSystem
let browser: Browser
let origin: string
let clientId = ''

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false, withConsole: true })
  origin = new URL(system.demo.urls.admin ?? '').origin
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await system.close()
})

/** On the provider's sign-in page, and then the agent's. */
/** By keyboard alone: to the element, and what is written or pressed there. */
async function type(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).focus()
  await page.locator(`${selector}:focus`).waitFor()
  await page.keyboard.type(text)
}

/** Chromium also complains of pages that answer 401 and 422, as they should. */
const isOurs = (complaint: string): boolean => !/status of (?:401|422)/.test(complaint)

test('a site is registered by the guided form, in Japanese, by keyboard; its secret works; it is disabled', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser, { locale: 'ja', viewport: 'desktop' })
  const { page, complaints } = watched
  await page.goto(system.demo.urls.invitation ?? '')
  await page.locator('#accept button').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${origin}/admin`)
  await lookAt(page, 'admin-overview-empty')

  await page.goto(`${origin}/admin/relying-parties`)
  await lookAt(page, 'admin-sites')
  await page.goto(`${origin}/admin/new-relying-party`)
  await lookAt(page, 'admin-site-kinds')
  await page.locator('a[href$="/server"]').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/new-relying-party/server**')

  // what is wrong is said while it is written, by the server's own rules
  await type(page, '#field-redirectUris', 'http://library.example/cb')
  await page.keyboard.press('Tab')
  await pollUntil(
    async () => (await page.locator('#field-redirectUris-fault').textContent())?.includes('https:') === true,
  )
  expect(await page.locator('#field-redirectUris').getAttribute('aria-invalid')).toBe('true')
  await lookAt(page, 'admin-site-form-live')
  // and once more by the server
  await page.locator('#site-form button[type="submit"]').focus()
  await page.keyboard.press('Enter')
  await page.locator('#faults:focus').waitFor()
  await lookAt(page, 'admin-site-form-faults')

  await type(page, '#field-displayName-ja', '市立図書館')
  await type(page, '#field-displayName-en', 'City library')
  await type(page, '#field-owner', '図書館 システム係')
  await page.locator('#field-redirectUris').focus()
  await page.keyboard.press('Control+A')
  await type(page, '#field-redirectUris', 'https://library.example/cb')
  await page.locator('#site-form button[type="submit"]').focus()
  await page.keyboard.press('Enter')
  await page.locator('#tap button').waitFor()
  await lookAt(page, 'admin-site-confirm')
  await page.locator('#tap button').focus()
  await page.keyboard.press('Enter')
  await useCardInBrowser(page)
  await page.locator('#carry-out button').waitFor()
  await page.locator('#carry-out button').focus()
  await page.keyboard.press('Enter')
  clientId = (await page.locator('#client-id').textContent()) ?? ''
  const secret = (await page.locator('#client-secret').textContent()) ?? ''
  await lookAt(page, 'admin-site-registered')

  const configuration = await client.discovery(
    new URL(system.issuer),
    clientId,
    undefined,
    client.ClientSecretBasic(secret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- a test on this machine has no TLS
    { execute: [client.allowInsecureRequests] },
  )
  // 401 comes as a challenge, and not as an error of OAuth
  const codeOf = (fault: unknown): unknown => {
    const { error, status } = fault as { readonly error?: unknown; readonly status?: unknown }
    return error ?? (status === 401 ? 'invalid_client' : fault)
  }
  const redeem = () =>
    client
      .genericGrantRequest(configuration, 'authorization_code', {
        code: 'x'.repeat(43),
        redirect_uri: 'https://library.example/cb',
        code_verifier: 'v'.repeat(43),
      })
      .then(() => 'redeemed', codeOf)
  expect(await redeem()).toBe('invalid_grant')

  await page.goto(`${origin}/admin/relying-parties/${clientId}`)
  await lookAt(page, 'admin-site')
  await page.goto(`${origin}/admin/relying-parties/${clientId}/try`)
  await lookAt(page, 'admin-site-try')
  await page.goto(`${origin}/admin/relying-parties/${clientId}`)
  await page.locator('#change-status button').focus()
  await page.keyboard.press('Enter')
  await page.locator('#tap button').click()
  await useCardInBrowser(page)
  await page.locator('#carry-out button').click()
  await page.locator('[role="status"]').waitFor()
  expect(await page.locator('#site-status').textContent()).toBe('停止中')
  await lookAt(page, 'admin-site-disabled')
  await pollUntil(async () => (await redeem()) === 'invalid_client')
  expect(complaints.filter(isOurs)).toEqual([])
})

test('on a phone, with many of everything: sites, the chart and its table, the log, the import', async () => {
  await system.database.query(
    `INSERT INTO clients (client_id, registration, created_at, updated_at)
     SELECT 'site-' || n, jsonb_set(registration, '{displayName,ja}', to_jsonb('とても長い名前のサイトその' || n)), now(), now()
     FROM clients, generate_series(1, 60) AS n WHERE client_id = $1`,
    [clientId],
  )
  await system.database.query(
    `INSERT INTO audit_events (at, type, actor, client_id, details)
     SELECT now() - make_interval(hours => n % 160), CASE n % 3 WHEN 0 THEN 'sign_in.refused' ELSE 'sign_in.succeeded' END, 'person', 'site-1',
       CASE n % 3 WHEN 0 THEN jsonb_build_object('code', (ARRAY['CERT_EXPIRED', 'CERT_REVOKED', 'REV_UNAVAILABLE'])[n % 7 % 3 + 1]) ELSE '{}' END
     FROM generate_series(1, 700) AS n`,
  )
  await system.demo.useCard('taro')
  await using watched = await openPage(browser, { locale: 'ja', viewport: 'phone' })
  const { page, complaints } = watched
  await page.goto(`${origin}/admin/relying-parties`)
  await page.locator('#sign-in button').click()
  await useCardInBrowser(page)
  await page.waitForURL(`${origin}/admin/relying-parties**`)
  await lookAt(page, 'admin-sites-phone')
  await page.locator('a[rel="next"]').click()
  await page.waitForURL('**after=**')
  await page.goto(`${origin}/admin?range=week`)
  await page.locator('details summary').click()
  await lookAt(page, 'admin-overview-phone')
  await page.goto(`${origin}/admin/audit`)
  await lookAt(page, 'admin-audit-phone')
  await page.goto(`${origin}/admin/audit/1`)
  await lookAt(page, 'admin-audit-event-phone')
  await page.goto(`${origin}/admin/audit/verify`)
  await lookAt(page, 'admin-audit-verify-phone')
  await page.goto(`${origin}/admin/relying-parties/${clientId}/edit`)
  await lookAt(page, 'admin-site-edit-phone')
  await page.goto(`${origin}/admin/import-relying-parties`)
  await page
    .locator('#lines')
    .fill('{"displayName":{"ja":"店","en":"Shop"},"owner":"IT","redirectUris":["https://a.example/"]}\n{}')
  await page.locator('#check-import button').click()
  await page.locator('#preview').waitFor()
  await lookAt(page, 'admin-import-phone')
  expect(complaints.filter(isOurs)).toEqual([])
})

test('in the dark, in English, on a desk', async () => {
  await system.demo.useCard('taro')
  await using watched = await openPage(browser, { locale: 'en', viewport: 'desktop' })
  const { page } = watched
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(`${origin}/admin`)
  await page.locator('#sign-in button').click()
  await useCardInBrowser(page)
  await page.locator('#checks').waitFor()
  await lookAt(page, 'admin-overview-dark')
})
