import { formsOf } from '../../src/main/demo/html-form.ts'
import type { Page } from '../../src/main/demo/scripted-browser.ts'
import type { PersonWithCard } from './person-with-card.ts'

/**
 * Presses the button of the page that asks whether one really wants to log out.
 *
 * @param at that page, or an address that leads to it
 * @returns where the person is then
 */
export async function confirmLogOut({ browser }: PersonWithCard, at: Page | URL | string): Promise<URL> {
  const page = typeof at === 'string' || at instanceof URL ? await browser.open(String(at)) : at
  const form = formsOf(page.html).find(({ method }) => method === 'post')
  const yes = form?.buttons.find(({ name }) => name === 'logout')
  if (form === undefined || yes === undefined) throw new Error(`nothing asks whether to log out, ${page.status}`)
  return (await browser.submit(page, form.action, { ...form.values, logout: yes.value })).url
}
