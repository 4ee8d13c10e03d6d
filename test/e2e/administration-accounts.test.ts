import { randomBytes, randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterPin } from '../support/card-in-browser.ts'
import { checkAccessibility, launchChromium, openPage, takeScreenshot, type WatchedPage } from '../support/chromium.ts'
import { lookAt } from '../support/look-at.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

/** Two administrators with a card each, and the people whom they are about. */
describe('accounts in the console', () => {
  let system: WholeSystem
  let browser: Browser
  let owner: WatchedPage
  let linker: WatchedPage
  let origin: string

  beforeAll(async () => {
    system = await startWholeSystem({ withoutAgent: false, withConsole: true })
    browser = await launchChromium()
    const { admin = '', invitation = '' } = system.demo.urls
    origin = new URL(admin).origin
    owner = await openPage(browser, { locale: 'ja' })
    await accept(owner.page, 'taro', invitation)
    linker = await openPage(browser, { locale: 'en' })
    const { token } = (await system.demo.provider.admin?.administrators.invite('linker', 'operator')) ?? { token: '' }
    await accept(linker.page, 'hanako', `${origin}/admin/invitation?token=${token}`)
  })
  afterAll(async () => {
    await linker[Symbol.asyncDispose]()
    await owner[Symbol.asyncDispose]()
    await browser.close()
    await system.close()
  })

  async function useCard(page: Page, persona: string): Promise<void> {
    await system.demo.useCard(persona)
    await page.locator('#use-card button').click()
    await page.locator('#pin:focus, #confirm-form').first().waitFor()
    // the first time there is one try left
    if ((await page.locator('#confirm-form').count()) > 0) await page.locator('#confirm-form button').first().click()
    await enterPin(page)
  }
  async function accept(page: Page, persona: string, invitation: string): Promise<void> {
    await page.goto(invitation)
    await page.locator('#accept button').click()
    await useCard(page, persona)
    // past the page on the way back that goes on by itself
    await page.locator('.console-nav').waitFor()
  }
  /** The page on which an act is confirmed: a tap, and then “carry out”. */
  async function confirm(page: Page, persona: string): Promise<void> {
    await page.locator('#tap button').click()
    await useCard(page, persona)
    await page.locator('#carry-out button').click()
  }
  async function accountOf(persona: string): Promise<string> {
    await using watched = await openPage(browser)
    const { page } = watched
    await page.goto(system.demo.urls.shop)
    await page.locator('#sign-in').click()
    await useCard(page, persona)
    await page.waitForURL(`${system.demo.urls.shop}/`)
    const { rows } = await system.database.query<{ account_id: string }>(
      `SELECT account_id FROM audit_events WHERE type = 'sign_in.succeeded' ORDER BY sequence DESC LIMIT 1`,
    )
    return rows[0]?.account_id ?? ''
  }
  /** Of somebody whose card nobody has here. */
  async function account(): Promise<string> {
    const accountId = randomUUID()
    await system.database.query(`INSERT INTO accounts (id, status, created_at) VALUES ($1, 'active', now())`, [
      accountId,
    ])
    await system.database.query(
      `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, status, first_seen_at)
       VALUES ($1, $2, 'card-auth', $3, 1, 'current', now())`,
      [randomUUID(), accountId, randomBytes(32)],
    )
    return accountId
  }
  const fits = async (page: Page, width: number): Promise<void> => {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }

  test('empty: nothing waits, nobody was found, no candidates', async () => {
    const { page } = linker
    await page.goto(`${origin}/admin/accounts?text=nobody+is+called+that`)
    expect(await page.locator('.empty').textContent()).toBe('No account fits that.')
    expect(await checkAccessibility(page)).toEqual([])
    await page.goto(`${origin}/admin/proposals`)
    expect(await page.locator('.empty').textContent()).toBe('There are no such proposals.')
    await page.goto(`${origin}/admin/merge-candidates`)
    expect(await page.locator('.empty').textContent()).toBe('There are none.')
    expect(await checkAccessibility(page)).toEqual([])
  })

  test('an administrator’s own account can be looked at, and nothing proposed about it', async () => {
    const { page } = linker
    const { rows } = await system.database.query<{ account_id: string }>(
      `SELECT account_id FROM admins WHERE role = 'linker'`,
    )
    await page.goto(`${origin}/admin/accounts/${rows[0]?.account_id ?? ''}`)
    expect(await page.locator('main .note').first().textContent()).toContain('This is your own account.')
    expect(await page.locator('form[action*="/proposals/preview"]').count()).toBe(0)
  })

  test('merged by two people: proposed with one card, approved with another, and the person is told', async () => {
    const left = await accountOf('one-try-left')
    const gone = await account()
    const { page } = linker

    // found by what the shop calls them, with the keyboard alone
    const { rows } = await system.database.query<{ sub: string }>('SELECT sub FROM subjects WHERE account_id = $1', [
      left,
    ])
    await page.goto(`${origin}/admin/accounts`)
    await page.locator('#text').focus()
    await page.keyboard.type(rows[0]?.sub ?? '')
    await page.keyboard.press('Enter')
    await page.locator(`a[href="/admin/accounts/${left}"]`).first().click()
    expect(await page.locator('svg.graph').count()).toBe(1)
    await lookAt(page, 'admin-account-en')

    await page.locator('#merge-account').fill(gone)
    await page.locator('#merge button').click()
    await page.locator('#effects').waitFor()
    expect(await page.locator('#effects').textContent()).toContain('merged')
    await lookAt(page, 'admin-preview-en')
    await page.locator('#reason').fill('one person: the card was lost abroad')
    await page.locator('#told-as').selectOption('renewed')
    await page.locator('#propose button').click()
    await confirm(page, 'hanako')
    await page.waitForURL(`${origin}/admin/proposals/**`)
    const address = page.url().split('?')[0] ?? ''
    // the proposer may withdraw it and nothing else
    expect(await page.locator('#approve, #reject').count()).toBe(0)
    expect(await page.locator('#withdraw').count()).toBe(1)

    const { page: other } = owner
    await other.goto(`${origin}/admin/proposals`)
    await takeScreenshot(other, 'admin-proposals-ja')
    await other.locator('tbody th a').first().click()
    expect(await other.locator('#approve').count()).toBe(1)
    await lookAt(other, 'admin-proposal-ja')
    await fits(other, 320)
    await takeScreenshot(other, 'admin-proposal-ja-narrow')
    await other.setViewportSize({ width: 1280, height: 800 })
    await other.locator('#approve button').click()
    await confirm(other, 'taro')
    await other.waitForURL(`${address}**`)
    expect(await other.locator('[role="status"]').textContent()).toBe('承認し、実行しました。')

    // the person: before the site, once, and on their own page
    await using watched = await openPage(browser, { locale: 'ja', viewport: 'phone' })
    const person = watched.page
    await person.goto(system.demo.urls.shop)
    await person.locator('#sign-in').click()
    await useCard(person, 'one-try-left')
    await person.waitForURL('**/notice')
    expect(await person.locator('main').textContent()).toContain('一つになりました')
    expect(await person.locator('main').textContent()).not.toContain('lost abroad')
    await lookAt(person, 'notice-ja-phone')
    await person.locator('#continue').click()
    await person.waitForURL(`${system.demo.urls.shop}/`)
    await person.goto(`${system.issuer}/account`)
    await person.locator('#notices-title').waitFor()
    expect(watched.complaints).toEqual([])

    // the merged account, narrow and dark
    await other.emulateMedia({ colorScheme: 'dark' })
    await other.goto(`${origin}/admin/accounts/${left}`)
    await fits(other, 320)
    await lookAt(other, 'admin-account-merged-ja-dark-narrow')
    await other.setViewportSize({ width: 1280, height: 800 })
    await other.emulateMedia({ colorScheme: 'light' })
  })

  test('what changed since: the second is told, sees what, and it cannot be approved', async () => {
    const accountId = await account()
    const { page } = linker
    await page.goto(`${origin}/admin/accounts/${accountId}`)
    await page.locator('button', { hasText: /^Close$/ }).click()
    await page.locator('#reason').fill('asked to close')
    // meanwhile somebody else proposes something about the same person, in another window
    await system.database.query(
      `INSERT INTO link_proposals (id, act, details, reason, proposer, proposed_at, expires_at, needs, account_ids, seen, state)
       VALUES ($1, 'suspend', $2, 'misuse', 'service:back-office', now(), now() + interval '1 day', 'administrator', $3, '{}', 'open')`,
      [randomUUID(), JSON.stringify({ accountId }), [accountId]],
    )
    await page.locator('#propose button').click()
    await page.locator('[data-error-code="ADMIN_CHANGED_MEANWHILE"]').waitFor()
    expect(await page.locator('#reason').inputValue()).toBe('asked to close')
    expect(await page.locator('#beside-title').count()).toBe(1)
    await lookAt(page, 'admin-preview-changed-en')
    // now knowingly
    await page.locator('#propose button').click()
    await confirm(page, 'hanako')
    await page.waitForURL(`${origin}/admin/proposals/**`)

    await system.database.query(`UPDATE credentials SET status = 'superseded' WHERE account_id = $1`, [accountId])
    const { page: other } = owner
    await other.goto(page.url())
    await other.locator('#changed').waitFor()
    expect(await other.locator('#approve').count()).toBe(0)
    expect(await other.locator('[data-hindrance="ADMIN_CHANGED_MEANWHILE"]').count()).toBe(1)
    await lookAt(other, 'admin-proposal-changed-ja')
    await other.locator('#reject-reason').fill('古い提案です')
    await other.locator('#reject button').click()
    await other.locator('[role="status"]').waitFor()
  })

  test('many: two hundred cards, three accounts in one; drawn, bounded, and readable without the drawing', async () => {
    const accountId = randomUUID()
    const merged = [randomUUID(), randomUUID()]
    await system.database.query(
      `INSERT INTO accounts (id, status, merged_into, created_at) SELECT id, CASE WHEN n = 1 THEN 'active' ELSE 'merged' END,
         CASE WHEN n > 1 THEN $1::uuid END, timestamptz '2026-01-01' + n * interval '1 day'
       FROM unnest($2::uuid[]) WITH ORDINALITY AS family (id, n)`,
      [accountId, [accountId, ...merged]],
    )
    await system.database.query(
      `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, status, first_seen_at)
       SELECT gen_random_uuid(), ($1::uuid[])[1 + n % 3], 'card-auth', sha256(convert_to('card ' || n, 'UTF8')), 1,
         CASE WHEN n > 197 THEN 'current' ELSE 'superseded' END, timestamptz '2026-02-01' + n * interval '1 day'
       FROM generate_series(1, 200) AS n`,
      [[accountId, ...merged]],
    )
    await system.database.query(
      `INSERT INTO credential_links (newer_id, older_id, relation, actor, at)
       SELECT id, before, (ARRAY['renewed_by', 'reissued_as', 'linked_by_admin', 'hand_over'])[1 + row % 4], 'operator', now()
       FROM (SELECT id, lag(id, 3) OVER (ORDER BY first_seen_at) AS before, row_number() OVER (ORDER BY first_seen_at)::int AS row
             FROM credentials WHERE account_id = ANY ($1)) AS chain WHERE before IS NOT NULL`,
      [[accountId, ...merged]],
    )
    const { page } = linker
    await page.goto(`${origin}/admin/accounts/${accountId}`)
    expect(await page.locator('circle.graph-node').count()).toBe(120)
    expect(await page.locator('#cards tbody tr').count()).toBe(200)
    expect(await page.locator('main').textContent()).toContain('80 older cards are not drawn')
    // some of them belong to somebody else
    await page.locator('#cards tbody input[type="checkbox"]').nth(0).check()
    await page.locator('#cards tbody input[type="checkbox"]').nth(5).check()
    await page.locator('#split button').click()
    await page.locator('#effects').waitFor()
    expect(await page.locator('#effects').textContent()).toContain('a new account')
    await fits(page, 320)
    await page.setViewportSize({ width: 1280, height: 800 })
    expect(linker.complaints.filter((one) => !one.includes('412'))).toEqual([])
  })
})
