import { createServer, type RequestListener } from 'node:http'
import { listen, closeServer } from '../../src/main/http-server.ts'
import { formsOf } from '../../src/main/demo/html-form.ts'
import type { Page } from '../../src/main/demo/scripted-browser.ts'
import type { SiteSettings } from '../conformance/recipes/site-settings.ts'
import type { ConformanceSystem } from './conformance-system.ts'
import type { PersonWithCard } from './person-with-card.ts'
import { registerAsThePageSays } from './recipe.ts'

/** A site of a recipe, and what a person does there. */
export interface RecipeSite {
  readonly baseUrl: string
  readonly clientId: string
  /** From its sign-in button, with the card, to the response that the provider sends them back with. */
  comeBack(person: PersonWithCard): Promise<URL>
  /** The same for somebody who thinks better of it. */
  cancel(person: PersonWithCard): Promise<URL>
  /** Everything: and is what the site calls them then, or undefined. */
  signIn(person: PersonWithCard): Promise<string | undefined>
  /** Takes a response to the site, and asks who it thinks they are. */
  answerWith(person: PersonWithCard, response: URL): Promise<string | undefined>
  userId(person: PersonWithCard): Promise<string | undefined>
  /** With its sign-out button. @returns where that leads: perhaps to the provider's question */
  signOut(person: PersonWithCard): Promise<Page>
  close(): Promise<void>
}

export async function startRecipeSite(
  system: ConformanceSystem,
  page: string,
  { create, buttons }: { create: (settings: SiteSettings) => unknown; readonly buttons: { in: string; out: string } },
): Promise<RecipeSite> {
  let handle: RequestListener = () => undefined
  const server = createServer((req, res) => {
    handle(req, res)
  })
  const baseUrl = `http://localhost:${await listen(server, '127.0.0.1', 0)}`
  const { clientId, clientSecret } = await registerAsThePageSays(system.environment, page, { baseUrl })
  const cookieSecret = 'of this test alone, and long enough'
  handle = (await create({ issuer: system.issuer, clientId, clientSecret, baseUrl, cookieSecret })) as RequestListener

  const userId = async (person: PersonWithCard): Promise<string | undefined> => {
    const { html } = await person.browser.open(`${baseUrl}/me`)
    return html.startsWith('{') ? (JSON.parse(html) as { userId?: string }).userId : undefined
  }
  /** Follows a link of the site, or presses the button of the page that it leads to. */
  const press = async ({ browser }: PersonWithCard, path: string): Promise<Page> => {
    const page = await browser.open(`${baseUrl}${path}`)
    const form = page.url.origin === baseUrl ? formsOf(page.html)[0] : undefined
    return form === undefined ? page : browser.submit(page, form.action, form.values)
  }
  const comeBack = async (person: PersonWithCard): Promise<URL> => person.authorizeFrom(await press(person, buttons.in))
  const answerWith = async (person: PersonWithCard, response: URL): Promise<string | undefined> => {
    await person.browser.open(response.href)
    return userId(person)
  }
  return {
    baseUrl,
    clientId,
    userId,
    comeBack,
    cancel: async (person) => cancel(person, await press(person, buttons.in)),
    answerWith,
    signOut: (person) => press(person, buttons.out),
    signIn: async (person) => answerWith(person, await comeBack(person)),
    close: () => closeServer(server, 200),
  }
}

/** Leaves the sign-in page without a card. @returns the response */
export async function cancel({ browser }: PersonWithCard, page: Page): Promise<URL> {
  const link = /<a href="([^"]+)" id="cancel"/.exec(page.html)?.[1] ?? ''
  return (await browser.follow(page, link)).url
}
