import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formsOf } from '../../../src/main/demo/html-form.ts'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../../support/conformance-system.ts'
import { keepSecret } from '../../support/keep-logs.ts'
import { openidSite, type OpenidSite } from '../../support/openid-site.ts'
import type { PersonWithCard } from '../../support/person-with-card.ts'
import { registerAsThePageSays, unquotedPrograms } from '../../support/recipe.ts'
import { beginLinking, finishLinking, linkedUsers, unlink } from './linking.ts'

/** docs/relying-parties/linking.md: what it quotes runs here. */
const SHOP = 'http://localhost:1'
const RETURN = `${SHOP}/linked`
const USER = { id: 'user-7', name: '山田 花子' }
let system: ConformanceSystem
let site: OpenidSite

beforeAll(async () => {
  system = await startConformanceSystem()
  const { clientId, clientSecret } = await registerAsThePageSays(system.environment, 'linking', { baseUrl: SHOP })
  site = await openidSite(system, clientId, oidc.ClientSecretBasic(clientSecret))
})
afterAll(() => system.close())

/** @returns where the browser arrives */
async function link(person: PersonWithCard, url: string): Promise<URL> {
  keepSecret('link', url.split('/').at(-1))
  const asked = await person.browser.open(url)
  const start = formsOf(asked.html).find(({ id }) => id === 'start')
  const confirm = await person.open((await person.browser.submit(asked, start?.action ?? '', {})).url)
  const form = formsOf(confirm.html).find(({ id }) => id === 'confirm')
  return (await person.browser.submit(confirm, form?.action ?? '', { ...form?.values, understood: 'yes' })).url
}
const listed = async (): Promise<readonly string[]> => {
  const users: string[] = []
  for await (const { external_id: id } of linkedUsers(site.configuration)) users.push(id)
  return users
}

test('the page quotes the program as it is', () => {
  expect(unquotedPrograms('linking', ['linking.ts'])).toEqual([])
})

test('a user is linked, known by the card, listed and parted', async () => {
  const person = system.person('taro')
  const ticket = await beginLinking(site.configuration, USER, RETURN, 'request-1')
  const address = await link(person, ticket.url)
  expect(address.href.startsWith(`${RETURN}?`)).toBe(true)
  expect(await finishLinking(site.configuration, address, ticket.id)).toBe('linked')
  const asksConsent = { parameters: { redirect_uri: CALLBACK } }
  expect((await site.signIn(person, asksConsent)).claims()).toMatchObject({ external_id: USER.id })
  expect(await listed()).toEqual([USER.id])
  await unlink(site.configuration, USER.id)
  expect(await listed()).toEqual([])
  expect((await site.signIn(person)).claims()).not.toHaveProperty('external_id')
})

test('attack 45: a link that was passed on is taken back', async () => {
  const ticket = await beginLinking(site.configuration, USER, RETURN, 'request-2')
  const address = await link(system.person('hanako'), ticket.url)
  expect(await finishLinking(site.configuration, address, undefined)).toBe('passed-on')
  expect(await listed()).toEqual([])
})
