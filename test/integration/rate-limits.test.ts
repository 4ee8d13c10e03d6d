import { afterAll, beforeAll, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { authorizationUrl, responseIn } from '../support/raw-openid.ts'

let system: ConformanceSystem

beforeAll(async () => {
  system = await startConformanceSystem({
    REQUESTS_PER_MINUTE: '40',
    TICKET_REQUESTS_PER_MINUTE: '5',
    CLIENT_TICKETS_PER_MINUTE: '8',
    CARD_SIGN_INS_PER_HOUR: '2',
  })
  await system.register({ clientId: 'site' })
  await system.register({ clientId: 'busy' })
})
afterAll(() => system.close())

const requestOf = (clientId = 'site'): string =>
  authorizationUrl(system.issuer, { client_id: clientId, prompt: 'login' })
const events = async (): Promise<readonly string[]> => {
  const { rows } = await system.database.query<{ event: string }>(
    `SELECT concat_ws(' ', type, details ->> 'code') AS event FROM audit_events WHERE type LIKE 'sign_in.%' ORDER BY sequence`,
  )
  return rows.map(({ event }) => event)
}

test('a card is tapped so often and no more, over both processes; and the page says so', async () => {
  const person = system.person('hanako')
  for (let tap = 0; tap < 2; tap++) {
    expect(responseIn(await person.authorize(requestOf()))).toHaveProperty('code')
  }
  const page = await person.open(requestOf())
  expect(page.status).toBe(429)
  expect(page.html).toContain('data-error-code="SIGNIN_CARD_USED_TOO_OFTEN"')
  expect((await events()).at(-1)).toBe('sign_in.refused SIGNIN_CARD_USED_TOO_OFTEN')
})

test('another card in the same browser, and the same site, go on', async () => {
  expect(responseIn(await system.person('taro').authorize(requestOf()))).toHaveProperty('code')
})

test('hammering on one ticket is answered in JSON with 429 and Retry-After, and leaves other tickets alone', async () => {
  const at = `${system.issuer}/agent/tickets/${'t'.repeat(43)}`
  const statuses = []
  for (let count = 0; count < 6; count++) statuses.push((await fetch(at)).status)
  expect(statuses).toEqual([404, 404, 404, 404, 404, 429])
  const limited = await fetch(at)
  expect(await limited.json()).toEqual({ error: 'SIGNIN_RATE_LIMITED' })
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await fetch(`${system.issuer}/agent/tickets/${'u'.repeat(43)}`)).status).toBe(404)
})

test('a site that is flooded opens no more tickets; others do', async () => {
  const busy = system.person('hanako')
  const pages = []
  for (let count = 0; count < 12; count++) {
    const page = await busy.browser.open(requestOf('busy'))
    const form = formsOf(page.html).find(({ id }) => id === 'use-card')
    pages.push((await busy.browser.submit(page, form?.action ?? '', form?.values ?? {})).status)
  }
  expect(pages.slice(0, 8)).not.toContain(429)
  expect(pages.slice(8)).toEqual([429, 429, 429, 429])
})

test('one address asks so often and no more; a page says when to come again', async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => fetch(`${system.issuer}/account`, { redirect: 'manual' })),
  )
  const limited = answers.filter(({ status }) => status === 429)
  expect(limited).toHaveLength(20)
  const [page] = limited
  expect(Number(page?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(page?.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await page?.text()).toContain('data-error-code="SIGNIN_RATE_LIMITED"')
})
