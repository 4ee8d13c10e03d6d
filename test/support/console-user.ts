import type { PersonaCard } from '@sekisho/virtual-jpki'
import { formsOf, type HtmlForm } from '../../src/main/demo/html-form.ts'
import { createScriptedBrowser, type Page, type ScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { answerByHand, type WholeSystem } from './whole-system.ts'

/** A browser at the administrators' console, and a card whose answers are made without an agent. */
export interface ConsoleUser {
  readonly browser: ScriptedBrowser
  readonly origin: string
  /** A page of the console: `/admin/…`. */
  open(path: string): Promise<Page>
  /** Through the link of an invitation, tapping the card. */
  accept(link: string): Promise<Page>
  /** From the page that asks for it, tapping the card. @param card of somebody else, if not one's own */
  signIn(card?: string): Promise<Page>
  /** The form with this id or action. */
  submit(page: Page, form: string, values?: Readonly<Record<string, string>>): Promise<Page>
  /** Taps on the page that asks for a confirmation, and comes back to it. */
  tap(confirmation: Page, card?: string): Promise<Page>
  /** The same, and carries it out. */
  carryOut(confirmation: Page): Promise<Page>
}

export function createConsoleUser(system: WholeSystem, persona: string): ConsoleUser {
  const { issuer, demo } = system
  const origin = new URL(demo.urls.admin ?? '').origin
  const browser = createScriptedBrowser({ acceptLanguage: 'en' })

  const useCard = async (page: Page, card: string): Promise<Page> => {
    const form = formsOf(page.html).find(({ id }) => id === 'use-card')
    if (form === undefined) throw new Error(`no sign-in page: ${page.url.href} ${page.status}`)
    const agent = await browser.addressAfter(page, form.action, form.values)
    const ticket = `${issuer}/agent/tickets/${agent.searchParams.get('ticket') ?? ''}`
    const message = (await (await fetch(ticket)).json()) as { nonce: string; context: string }
    const personaCard: PersonaCard = await demo.jpki.card(card)
    const answer = await fetch(`${ticket}/response`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answerByHand(personaCard, message, issuer)),
    })
    const { completion_uri: completion } = (await answer.json()) as { completion_uri: string }
    return browser.open(completion)
  }
  const submit: ConsoleUser['submit'] = (page, wanted, values = {}) => {
    const form = formOf(page, wanted)
    return browser.submit(page, form.action, { ...form.values, ...values })
  }
  const tap: ConsoleUser['tap'] = async (page, card = persona) => useCard(await submit(page, 'tap'), card)

  return {
    browser,
    origin,
    open: (path) => browser.open(`${origin}${path}`),
    accept: async (link) => useCard(await submit(await browser.open(link), 'accept'), persona),
    signIn: async (card = persona) =>
      useCard(await submit(await browser.open(`${origin}/admin/administrators`), 'sign-in'), card),
    submit,
    tap,
    carryOut: async (page) => submit(await tap(page), 'carry-out'),
  }
}

function formOf(page: Page, wanted: string): HtmlForm {
  const form = formsOf(page.html).find(({ id, action }) => id === wanted || action === wanted)
  if (form === undefined) throw new Error(`no form ${wanted}: ${page.url.href} ${page.status} ${codeOf(page) ?? ''}`)
  return form
}

/** The code of an error page. */
export function codeOf({ html }: Page): string | undefined {
  return /data-error-code="(\w+)"/.exec(html)?.[1]
}
