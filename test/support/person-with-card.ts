import type { PersonaCard } from '@sekisho/virtual-jpki'
import { createScriptedBrowser, type Page, type ScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { answerByHand } from './whole-system.ts'

/** A browser, and a card whose answers are made without an agent. */
export interface PersonWithCard {
  readonly browser: ScriptedBrowser
  /** Puts another card on the reader. */
  useCard(persona: string): void
  /** How often the card was tapped so far. */
  readonly taps: number
  /**
   * Follows an authorization request through whatever it asks, tapping the card when it is asked for, and agreeing.
   *
   * @returns the address at the site, with its response
   */
  authorize(address: URL | string): Promise<URL>
  /** The same from a page that a form of a site led to. */
  authorizeFrom(page: Page): Promise<URL>
  /** The same, and stops at the first page that is not the sign-in page. */
  open(address: URL | string): Promise<Page>
}

export function createPersonWithCard({
  issuer,
  persona,
  card,
}: {
  readonly issuer: string
  readonly persona: string
  readonly card: (persona: string) => Promise<PersonaCard>
}): PersonWithCard {
  const browser = createScriptedBrowser({ acceptLanguage: 'en', staysAt: issuer })
  let taps = 0
  let onReader = persona

  const tap = async (page: Page): Promise<Page> => {
    const form = formsOf(page.html).find(({ id }) => id === 'use-card')
    if (form === undefined) return page
    taps++
    const agent = await browser.addressAfter(page, form.action, form.values)
    const ticket = `${issuer}/agent/tickets/${agent.searchParams.get('ticket') ?? ''}`
    const message = (await (await fetch(ticket)).json()) as { nonce: string; context: string }
    const answer = await fetch(`${ticket}/response`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answerByHand(await card(onReader), message, issuer)),
    })
    const { completion_uri: completion } = (await answer.json()) as { completion_uri: string }
    return browser.open(completion)
  }

  /** What was done to the account meanwhile is told first. */
  const readNews = (page: Page): Promise<Page> | Page => {
    const href = /id="continue" href="([^"]+)"/.exec(page.html)?.[1]
    return href === undefined ? page : browser.open(new URL(href.replaceAll('&amp;', '&'), issuer).href)
  }

  const agree = (page: Page): Promise<Page> | Page => {
    const form = formsOf(page.html).find(({ id }) => id === 'consent')
    return form === undefined ? page : browser.submit(page, form.action, form.values)
  }

  const open = async (address: URL | string): Promise<Page> => tap(await browser.open(String(address)))

  const authorizeFrom = async (begun: Page): Promise<URL> => {
    const page = await agree(await readNews(await tap(begun)))
    if (page.url.origin === issuer)
      throw new Error(
        `the person is still here, ${page.status}: ${/data-error-code="\w+"/.exec(page.html)?.[0] ?? page.html}`,
      )
    return page.url
  }

  return {
    browser,
    useCard: (other) => {
      onReader = other
    },
    get taps() {
      return taps
    },
    open,
    authorize: async (address) => authorizeFrom(await browser.open(String(address))),
    authorizeFrom,
  }
}
