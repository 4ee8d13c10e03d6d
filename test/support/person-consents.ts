import { formsOf } from '../../src/main/demo/html-form.ts'
import type { Page } from '../../src/main/demo/scripted-browser.ts'
import type { PersonWithCard } from './person-with-card.ts'

/** Whether a page asks what a site may get. */
export function asksConsent(page: Page): boolean {
  return formsOf(page.html).some(({ id }) => id === 'consent')
}

/** Presses “agree”. @returns where that led */
export async function agree(person: PersonWithCard, page: Page): Promise<Page> {
  const form = formsOf(page.html).find(({ id }) => id === 'consent')
  if (form === undefined) throw new Error(`nobody is asked here, ${page.status} ${page.url.href}`)
  return person.browser.submit(page, form.action, form.values)
}

/** Goes back to the site without agreeing. */
export function goBack(person: PersonWithCard, page: Page): Promise<Page> {
  return person.browser.follow(page, `${page.url.pathname}/cancel`)
}
