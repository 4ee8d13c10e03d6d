import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUTHENTICATION_PIN } from '@sekisho/virtual-jpki'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { createScriptedBrowser, type Page, type ScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { signInOnce } from '../../src/main/demo/sign-in-once.ts'
import { createAccountGraphStore } from '../../src/storage/account-graph-store.ts'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createAccountGraph, type AccountGraph } from '../../src/subject/graph/create-account-graph.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

const REASON = 'words for the log, never for the person'

describe('what administrators did is told to the person', () => {
  let system: WholeSystem
  let database: Database
  let graph: AccountGraph
  beforeAll(async () => {
    system = await startWholeSystem({ withoutAgent: false })
    const { connectionString: databaseUrl = '' } = system.database.options as { connectionString?: string }
    database = await openDatabase({ databaseUrl, maxConnections: 2 })
    graph = createAccountGraph({ store: createAccountGraphStore(database), now: () => new Date(), newId: randomUUID })
  })
  afterAll(async () => {
    await database.close()
    await system.close()
  })

  const signIn = async (persona: string): Promise<readonly string[]> => {
    await system.demo.useCard(persona)
    const steps: string[] = []
    const shopUrl = system.demo.urls.shop
    const result = await signInOnce({
      shopUrl,
      pin: AUTHENTICATION_PIN,
      locale: 'en',
      onStep: (step) => steps.push(step),
    })
    expect(result).toMatchObject({ ok: true })
    return steps
  }
  const accountOf = async (): Promise<string> => {
    const { rows } = await system.database.query<{ account_id: string }>(
      `SELECT account_id FROM audit_events WHERE type = 'sign_in.succeeded' ORDER BY sequence DESC LIMIT 1`,
    )
    return rows[0]?.account_id ?? ''
  }
  /** From the shop by the card up to the first page that is neither. */
  async function tap(persona: string): Promise<{ readonly browser: ScriptedBrowser; readonly page: Page }> {
    await system.demo.useCard(persona)
    const browser = createScriptedBrowser({ acceptLanguage: 'en' })
    let page = await browser.follow(await browser.open(system.demo.urls.shop), '/sign-in')
    for (const id of ['use-card', 'pin-form']) {
      const form = formsOf(page.html).find((one) => one.id === id)
      if (form === undefined) throw new Error(`no ${id} at ${page.url.href}`)
      page = await browser.submit(page, form.action, {
        ...form.values,
        ...(id === 'use-card' ? {} : { pin: AUTHENTICATION_PIN }),
      })
    }
    return { browser, page }
  }
  const told = async () =>
    (
      await system.database.query<{ told: boolean }>(
        'SELECT told_at IS NOT NULL AS told FROM account_notices ORDER BY 1',
      )
    ).rows.map((row) => row.told)

  test('nothing is told where nothing was done, nor of what the person did', async () => {
    expect(await signIn('taro')).not.toContain('read what administrators did to the account')
    const { page } = await tap('taro')
    expect(page.url.origin).toBe(system.demo.urls.shop)
  })

  test('once, before the site: what, when and why; not who, and not what was written for the log', async () => {
    await signIn('hanako')
    const accountId = await accountOf()
    const by = { actor: `admin:${randomUUID()}`, reason: REASON, toldAs: 'misuse' } as const
    await graph.suspend(accountId, by)
    await graph.reopen(accountId, { actor: 'operator', reason: REASON })

    const { browser, page } = await tap('hanako')
    expect(page.url.pathname).toMatch(/^\/interaction\/[^/]+\/notice$/)
    expect(page.html).toContain('Your account was suspended.')
    expect(page.html).toContain('Your account was opened again.')
    expect(page.html).toContain('There were signs of misuse')
    for (const secret of [REASON, by.actor, accountId]) expect(page.html).not.toContain(secret)
    // a page that was only drawn has not been read
    expect(await told()).toEqual([false, false])
    const again = await browser.open(page.url.href)
    expect(again.html).toContain('Your account was suspended.')

    // read up to something that is none: nothing was read, and the site is reached all the same
    const href = /href="(\/interaction\/[^"]+\/notice\/read)\?[^"]+"/.exec(page.html)?.[1] ?? ''
    const shop = await browser.follow(page, `${href}?until='; DROP TABLE accounts`)
    expect(shop.url.origin).toBe(system.demo.urls.shop)
    expect(await told()).toEqual([false, false])

    expect(await signIn('hanako')).toContain('read what administrators did to the account')
    expect(await told()).toEqual([true, true])
    expect(await signIn('hanako')).not.toContain('read what administrators did to the account')

    const account = await browser.open(`${system.issuer}/account`)
    expect(account.html).toContain('What administrators did')
    expect(account.html).toContain('There were signs of misuse')
    for (const secret of [REASON, by.actor]) expect(account.html).not.toContain(secret)
  })

  test('whoever has not tapped a card is told nothing', async () => {
    const { browser, page, interactionId } = await system.beginSignIn()
    const notice = await browser.open(`${system.issuer}/interaction/${interactionId}/notice`)
    expect(notice.url.pathname).toBe(page.url.pathname)
    const stranger = await fetch(`${system.issuer}/interaction/${interactionId}/notice`, { redirect: 'manual' })
    expect(stranger.status).toBeGreaterThanOrEqual(400)
    expect(await stranger.text()).not.toContain('Your account was')
  })
})
