import { describe, expect, test } from 'vitest'
import { ask, completionOf, submit } from '../support/browse.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()

describe('addresses that open nothing', () => {
  test.each([
    ['no parameters', ''],
    ['no ticket', 'provider=PROVIDER'],
    ['no provider', `ticket=${'A'.repeat(43)}`],
    ['a short ticket', 'provider=PROVIDER&ticket=AAAA'],
    ['a ticket with a path', `provider=PROVIDER&ticket=${'A'.repeat(40)}/..`],
    ['two tickets', `provider=PROVIDER&ticket=${'A'.repeat(43)}&ticket=${'B'.repeat(43)}`],
    ['two providers', `provider=PROVIDER&provider=evil&ticket=${'A'.repeat(43)}`],
    ['a provider with a path', `provider=PROVIDER/x&ticket=${'A'.repeat(43)}`],
    ['a provider as an address', `provider=http://PROVIDER&ticket=${'A'.repeat(43)}`],
    ['a long provider', `provider=${'a'.repeat(300)}&ticket=${'A'.repeat(43)}`],
  ])('%s: ADDRESS_INVALID, the provider is not asked', async (_what, query) => {
    await use.set()
    const answer = await ask(
      `${use.stage.url}/sign-in?${query.replaceAll('PROVIDER', new URL(use.stage.provider.origin).host)}`,
    )
    expect(answer).toMatchObject({ status: 400, page: 'refusal', code: 'ADDRESS_INVALID' })
    expect(use.stage.provider.seen).toEqual([])
  })

  test('attack 22: a provider that is not trusted: an error page with no way to add it, and no connection to it', async () => {
    await use.set()
    const answer = await ask(`${use.stage.url}/sign-in?provider=evil.example&ticket=${'A'.repeat(43)}`)
    expect(answer).toMatchObject({ status: 403, code: 'PROVIDER_UNKNOWN' })
    expect(answer.text).not.toMatch(/<form|<button|evil\.example/)
    expect(use.stage.provider.seen).toEqual([])
  })

  test.each<[string, Record<string, unknown>, number, string]>([
    ['malformed', { nonce: 'x' }, 502, 'PROVIDER_ANSWER_INVALID'],
    ['oversize', { context: 'x'.repeat(20_000) }, 502, 'PROVIDER_ANSWER_INVALID'],
    ['expired', { expires_at: '2020-01-01T00:00:00Z' }, 410, 'TICKET_REFUSED'],
  ])('attack 21: a ticket that is %s', async (_what, overrides, status, code) => {
    await use.set()
    expect(await use.stage.open(use.stage.provider.issueTicket(overrides))).toMatchObject({ status, code })
    // The place is free again.
    expect((await use.stage.open(use.stage.provider.issueTicket())).page).toBe('pin')
  })

  test('attack 19, 20: a ticket that another agent has fetched', async () => {
    const ticketId = await use.set()
    await ask(`${use.stage.provider.origin.replace('localhost', '127.0.0.1')}/agent/tickets/${ticketId}`)
    expect(await use.stage.open(ticketId)).toMatchObject({ status: 410, code: 'TICKET_REFUSED' })
  })

  test('a provider that is down', async () => {
    const ticketId = await use.set()
    use.stage.provider.misbehave((_request, response) => {
      response.destroy()
      return true
    })
    expect(await use.stage.open(ticketId)).toMatchObject({ status: 502, code: 'PROVIDER_UNREACHABLE' })
  })
})

describe('attack 29: one ceremony at a time', () => {
  test('a second ticket gets 409 and is not fetched; the first goes on', async () => {
    const first = await use.set()
    const page = await use.stage.open(first)
    const second = use.stage.provider.issueTicket()
    expect(await use.stage.open(second)).toMatchObject({ status: 409, code: 'CEREMONY_BUSY' })
    expect(use.stage.provider.seen.filter(({ path }) => path.includes(second))).toEqual([])
    expect((await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('two tabs with two tickets at the very same time: one is served, one gets 409', async () => {
    const first = await use.set()
    const answers = await Promise.all([use.stage.open(first), use.stage.open(use.stage.provider.issueTicket())])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('the same ticket twice at the very same time: fetched once, one ceremony', async () => {
    const ticketId = await use.set()
    const answers = await Promise.all([use.stage.open(ticketId), use.stage.open(ticketId), use.stage.open(ticketId)])
    expect(answers.map(({ page }) => page)).toEqual(['pin', 'pin', 'pin'])
    expect(new Set(answers.map(({ text }) => /name="token" value="([^"]+)"/.exec(text)?.[1])).size).toBe(1)
    expect(use.stage.provider.seen).toHaveLength(1)
  })

  test('the other sign-in can be given up, by a press of a button: the provider is told, the new one is served', async () => {
    const first = await use.set()
    const page = await use.stage.open(first)
    const second = use.stage.provider.issueTicket()
    const moved = await submit(await use.stage.open(second), use.stage.url, 'replace-form')
    expect(moved.status).toBe(303)
    expect((await ask(`${use.stage.url}${String(moved.headers['location'])}`)).page).toBe('pin')
    expect(use.errors()).toEqual(['AGENT_CANCELLED'])
    // The page that was given up cannot spend a try any more.
    expect((await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).status).toBe(403)
    expect(use.triesLeft()).toBe(3)
  })

  test('a card that is busy signing is not disturbed: no button', async () => {
    const ticketId = await use.set()
    const page = await use.stage.open(ticketId)
    use.stage.onReader.follow({ rules: [{ when: { name: 'SIGN' }, do: { kind: 'delay', milliseconds: 250 } }] })
    const signing = submit(page, use.stage.url, 'pin-form', { pin: '1234' })
    await expect.poll(use.verifies).toBe(1)
    const busy = await use.stage.open(use.stage.provider.issueTicket())
    expect(busy).toMatchObject({ status: 409, code: 'CEREMONY_BUSY' })
    expect(busy.text).not.toContain('replace-form')
    expect((await signing).page).toBe('done')
  })

  test('reloading shows the same ceremony; after its end, its end', async () => {
    const ticketId = await use.set()
    await use.stage.open(ticketId)
    const page = await use.stage.open(ticketId)
    expect(use.stage.provider.seen).toHaveLength(1)
    const done = await submit(page, use.stage.url, 'pin-form', { pin: '1234' })
    expect(completionOf(await use.stage.open(ticketId))).toBe(completionOf(done))
    expect(use.stage.provider.results()).toHaveLength(1)
    // The place is free.
    expect((await use.stage.open(use.stage.provider.issueTicket())).page).toBe('pin')
  })

  test('an expired ceremony does not hold the place', async () => {
    const clock = { offset: 0 }
    const first = await use.set({ now: () => new Date(Date.now() + clock.offset) })
    await use.stage.open(first)
    clock.offset = 301_000
    expect((await use.stage.open(use.stage.provider.issueTicket())).page).toBe('pin')
  })
})

describe('language', () => {
  test('is the ticket’s, can be switched, and stays switched through the forms', async () => {
    await use.set()
    const ticketId = use.stage.provider.issueTicket({ locale: 'en' })
    const english = await use.stage.open(ticketId)
    expect(english.text).toContain('<html lang="en">')
    const japanese = await use.stage.open(ticketId, '&lang=ja')
    expect(japanese.text).toContain('<html lang="ja">')
    const wrong = await submit(japanese, use.stage.url, 'pin-form', { pin: '9999' })
    expect(wrong.text).toContain('<html lang="ja">')
    expect((await use.stage.open(ticketId, '&lang=fr')).text).toContain('<html lang="en">')
  })

  test('without a ticket it is the browser’s', async () => {
    await use.set()
    const lang = async (accept: string) =>
      /<html lang="(\w+)"/.exec((await ask(`${use.stage.url}/`, { headers: { 'accept-language': accept } })).text)?.[1]
    expect([await lang('ja,en;q=0.5'), await lang('en-US'), await lang('fr')]).toEqual(['ja', 'en', 'en'])
  })
})
