import { createVirtualCard } from '@sekisho/virtual-card'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ask, completionOf, submit, type Answer } from '../support/browse.ts'
import { sendJson } from '../support/fake-provider.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'
import { startStage, type Stage, type StageOptions } from '../support/start-agent.ts'

let issued: IssuedCard
let stage: Stage

beforeAll(async () => {
  issued = await issueCard()
})
afterEach(async () => {
  await stage.close()
})

async function setStage(options: Partial<StageOptions> = {}): Promise<string> {
  stage = await startStage({ issued, ...options })
  return stage.provider.issueTicket()
}
async function openPage(): Promise<Answer> {
  const ticketId = await setStage()
  return stage.open(ticketId)
}
const errors = () => stage.provider.results().map(({ error }) => error)
const triesLeft = () => stage.card.triesLeft('authentication')
const verifies = () => stage.card.log.filter(({ name, command }) => name === 'VERIFY' && command.endsWith('****')).length

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
    await setStage()
    const answer = await ask(`${stage.url}/sign-in?${query.replaceAll('PROVIDER', new URL(stage.provider.origin).host)}`)
    expect(answer).toMatchObject({ status: 400, page: 'refusal', code: 'ADDRESS_INVALID' })
    expect(stage.provider.seen).toEqual([])
  })

  test('attack 22: a provider that is not trusted: an error page with no way to add it, and no connection to it', async () => {
    await setStage()
    const answer = await ask(`${stage.url}/sign-in?provider=evil.example&ticket=${'A'.repeat(43)}`)
    expect(answer).toMatchObject({ status: 403, code: 'PROVIDER_UNKNOWN' })
    expect(answer.text).not.toMatch(/<form|<button|evil\.example/)
    expect(stage.provider.seen).toEqual([])
  })

  test.each<[string, Record<string, unknown>, number, string]>([
    ['malformed', { nonce: 'x' }, 502, 'PROVIDER_ANSWER_INVALID'],
    ['oversize', { context: 'x'.repeat(20_000) }, 502, 'PROVIDER_ANSWER_INVALID'],
    ['expired', { expires_at: '2020-01-01T00:00:00Z' }, 410, 'TICKET_REFUSED'],
  ])('attack 21: a ticket that is %s', async (_what, overrides, status, code) => {
    await setStage()
    expect(await stage.open(stage.provider.issueTicket(overrides))).toMatchObject({ status, code })
    // The place is free again.
    expect((await stage.open(stage.provider.issueTicket())).page).toBe('pin')
  })

  test('attack 19, 20: a ticket that another agent has fetched', async () => {
    const ticketId = await setStage()
    await ask(`${stage.provider.origin.replace('localhost', '127.0.0.1')}/agent/tickets/${ticketId}`)
    expect(await stage.open(ticketId)).toMatchObject({ status: 410, code: 'TICKET_REFUSED' })
  })

  test('a provider that is down', async () => {
    const ticketId = await setStage()
    stage.provider.misbehave((_request, response) => {
      response.destroy()
      return true
    })
    expect(await stage.open(ticketId)).toMatchObject({ status: 502, code: 'PROVIDER_UNREACHABLE' })
  })
})

describe('attack 29: one ceremony at a time', () => {
  test('a second ticket gets 409 and is not fetched; the first goes on', async () => {
    const first = await setStage()
    const page = await stage.open(first)
    const second = stage.provider.issueTicket()
    expect(await stage.open(second)).toMatchObject({ status: 409, code: 'CEREMONY_BUSY' })
    expect(stage.provider.seen.filter(({ path }) => path.includes(second))).toEqual([])
    expect((await submit(page, stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('two tabs with two tickets at the very same time: one is served, one gets 409', async () => {
    const first = await setStage()
    const answers = await Promise.all([stage.open(first), stage.open(stage.provider.issueTicket())])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('the same ticket twice at the very same time: fetched once, one ceremony', async () => {
    const ticketId = await setStage()
    const answers = await Promise.all([stage.open(ticketId), stage.open(ticketId), stage.open(ticketId)])
    expect(answers.map(({ page }) => page)).toEqual(['pin', 'pin', 'pin'])
    expect(new Set(answers.map(({ text }) => /name="token" value="([^"]+)"/.exec(text)?.[1])).size).toBe(1)
    expect(stage.provider.seen).toHaveLength(1)
  })

  test('the other sign-in can be given up, by a press of a button: the provider is told, the new one is served', async () => {
    const first = await setStage()
    const page = await stage.open(first)
    const second = stage.provider.issueTicket()
    const moved = await submit(await stage.open(second), stage.url, 'replace-form')
    expect(moved.status).toBe(303)
    expect((await ask(`${stage.url}${String(moved.headers['location'])}`)).page).toBe('pin')
    expect(errors()).toEqual(['AGENT_CANCELLED'])
    // The page that was given up cannot spend a try any more.
    expect((await submit(page, stage.url, 'pin-form', { pin: '1234' })).status).toBe(403)
    expect(triesLeft()).toBe(3)
  })

  test('a card that is busy signing is not disturbed: no button', async () => {
    const ticketId = await setStage()
    const page = await stage.open(ticketId)
    stage.onReader.follow({ rules: [{ when: { name: 'SIGN' }, do: { kind: 'delay', milliseconds: 250 } }] })
    const signing = submit(page, stage.url, 'pin-form', { pin: '1234' })
    await expect.poll(verifies).toBe(1)
    const busy = await stage.open(stage.provider.issueTicket())
    expect(busy).toMatchObject({ status: 409, code: 'CEREMONY_BUSY' })
    expect(busy.text).not.toContain('replace-form')
    expect((await signing).page).toBe('done')
  })

  test('reloading shows the same ceremony; after its end, its end', async () => {
    const ticketId = await setStage()
    await stage.open(ticketId)
    const page = await stage.open(ticketId)
    expect(stage.provider.seen).toHaveLength(1)
    const done = await submit(page, stage.url, 'pin-form', { pin: '1234' })
    expect(completionOf(await stage.open(ticketId))).toBe(completionOf(done))
    expect(stage.provider.results()).toHaveLength(1)
    // The place is free.
    expect((await stage.open(stage.provider.issueTicket())).page).toBe('pin')
  })

  test('an expired ceremony does not hold the place', async () => {
    const clock = { offset: 0 }
    const first = await setStage({ now: () => new Date(Date.now() + clock.offset) })
    await stage.open(first)
    clock.offset = 301_000
    expect((await stage.open(stage.provider.issueTicket())).page).toBe('pin')
  })
})

describe('attack 28: the PIN page', () => {
  test('a wrong PIN: tries left, the field again, and only the person tries again', async () => {
    const page = await openPage()
    const again = await submit(page, stage.url, 'pin-form', { pin: '9999' })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('あと2回')
    expect(again.text).toContain('aria-invalid="true"')
    expect([triesLeft(), verifies()]).toEqual([2, 1])
    expect(stage.provider.results()).toEqual([])
    expect((await submit(again, stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
    expect(verifies()).toBe(2)
  })

  test.each(['', '123', '12345', '12a4', '１２３４', '1234 '])('%j is not presented to the card', async (pin) => {
    const page = await openPage()
    const again = await submit(page, stage.url, 'pin-form', { pin })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('半角の数字4桁で入力してください')
    expect([triesLeft(), verifies()]).toEqual([3, 0])
  })

  test('the same form sent again (reload, back, double click): the PIN is presented once', async () => {
    const page = await openPage()
    const once = await submit(page, stage.url, 'pin-form', { pin: '9999' })
    const twice = await submit(page, stage.url, 'pin-form', { pin: '9999' })
    expect([once.page, twice.page]).toEqual(['pin', 'pin'])
    expect([triesLeft(), verifies()]).toEqual([2, 1])
  })

  test('the same form sent five times at once: one VERIFY, and each sees the same end', async () => {
    const page = await openPage()
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(page, stage.url, 'pin-form', { pin: '1234' })))
    expect(new Set(answers.map(completionOf)).size).toBe(1)
    expect([verifies(), stage.provider.results().length]).toEqual([1, 1])
  })

  test('a form from before a wrong PIN, sent with another PIN: not presented', async () => {
    const page = await openPage()
    await submit(page, stage.url, 'pin-form', { pin: '9999' })
    await submit(page, stage.url, 'pin-form', { pin: '8888' })
    expect([triesLeft(), verifies()]).toEqual([2, 1])
  })

  test('two wrong PINs: the extra question, whose first button stops', async () => {
    const page = await openPage()
    const second = await submit(page, stage.url, 'pin-form', { pin: '9999' })
    const last = await submit(second, stage.url, 'pin-form', { pin: '9999' })
    expect(last.page).toBe('confirm')
    expect(last.text).not.toContain('name="pin"')
    expect(last.text.indexOf('leave-form')).toBeLessThan(last.text.indexOf('confirm-form'))
    expect(last.text).toMatch(/id="leave-form"[\s\S]*?autofocus[\s\S]*?id="confirm-form"/)
    const stopped = await submit(last, stage.url, 'leave-form')
    expect(stopped.page).toBe('done')
    expect(errors()).toEqual(['AGENT_CANCELLED'])
    expect(triesLeft()).toBe(1)
  })

  test('the last try: confirmed, right, and the counter is full again', async () => {
    const ticketId = await setStage({ triesLeft: 1 })
    const page = await stage.open(ticketId)
    expect(page.page).toBe('confirm')
    const field = await submit(page, stage.url, 'confirm-form')
    expect(field.page).toBe('pin')
    expect(field.text).toContain('あと1回だけ')
    expect((await submit(field, stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
    expect(triesLeft()).toBe(3)
  })

  test('the last try cannot be had without the question', async () => {
    const ticketId = await setStage({ triesLeft: 2 })
    const page = await stage.open(ticketId)
    // Someone else spends one meanwhile.
    stage.card.transmit(Buffer.from('00a4040c0ad392f000260100000001', 'hex'))
    stage.card.transmit(Buffer.from('00a4020c020018', 'hex'))
    stage.card.transmit(Buffer.from('002000800430303030', 'hex'))
    expect(triesLeft()).toBe(1)
    const asked = await submit(page, stage.url, 'pin-form', { pin: '1234' })
    expect(asked.page).toBe('confirm')
    expect(verifies()).toBe(1)
  })

  test('a confirmation is for one card: another card with one try is asked about anew', async () => {
    const ticketId = await setStage({ triesLeft: 1 })
    const field = await submit(await stage.open(ticketId), stage.url, 'confirm-form')
    const other = createVirtualCard({ authentication: { ...(await issueCard()), triesLeft: 1 } })
    stage.readers.insert(other)
    expect((await submit(field, stage.url, 'pin-form', { pin: '1234' })).page).toBe('confirm')
    expect(other.triesLeft('authentication')).toBe(1)
  })

  test('the last try, wrong: locked, no field, where to unlock; the provider is told PIN_BLOCKED', async () => {
    const ticketId = await setStage({ triesLeft: 1 })
    const field = await submit(await stage.open(ticketId), stage.url, 'confirm-form')
    const locked = await submit(field, stage.url, 'pin-form', { pin: '9999' })
    expect(locked).toMatchObject({ page: 'problem', code: 'PIN_BLOCKED' })
    expect(locked.text).not.toContain('name="pin"')
    expect(locked.text).toContain('市区町村の窓口')
    expect(locked.text).toContain('コンビニのキオスク端末')
    const left = await submit(locked, stage.url, 'leave-form')
    expect(left.page).toBe('done')
    expect(errors()).toEqual(['PIN_BLOCKED'])
  })
})

describe('cards that are not ready, and the way back', () => {
  test.each<[string, (options: Stage) => void, string]>([
    ['no card', ({ readers }) => readers.remove(), 'CARD_NOT_FOUND'],
    ['a foreign card', ({ readers }) => readers.insert({ transmit: () => Buffer.from('6a82', 'hex'), reset: () => undefined }), 'CARD_UNSUPPORTED'],
    ['a card that does not answer', ({ onReader }) => onReader.follow({ rules: [{ do: { kind: 'delay', milliseconds: 900 } }] }), 'CARD_TIMEOUT'],
    ['a card pulled', ({ onReader }) => onReader.follow({ rules: [{ when: { nth: 3 }, do: { kind: 'remove-before' } }] }), 'CARD_REMOVED'],
  ])('%s: said, with a button to look again; leaving tells the provider why', async (_what, disturb, code) => {
    const ticketId = await setStage()
    disturb(stage)
    const page = await stage.open(ticketId)
    expect(page).toMatchObject({ status: 200, page: 'problem', code })
    expect(page.text).toContain('id="retry"')
    expect(page.text).not.toContain('name="pin"')
    const left = await submit(page, stage.url, 'leave-form')
    expect(left.page).toBe('done')
    expect(errors()).toEqual([code])
  })

  test('looking again after the card was put there', async () => {
    const ticketId = await setStage()
    stage.readers.remove()
    const page = await stage.open(ticketId)
    stage.readers.insert(stage.onReader)
    const href = /id="retry" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const again = await ask(`${stage.url}${href}`)
    expect(again.page).toBe('pin')
    expect((await submit(again, stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('attack 27: the card pulled after VERIFY: said, nothing sent, and the same ceremony goes on with the card back', async () => {
    const ticketId = await setStage()
    const page = await stage.open(ticketId)
    stage.onReader.follow({ rules: [{ when: { name: 'SIGN' }, do: { kind: 'remove-before' } }] })
    const pulled = await submit(page, stage.url, 'pin-form', { pin: '1234' })
    expect(pulled).toMatchObject({ page: 'problem', code: 'CARD_REMOVED' })
    expect(stage.provider.results()).toEqual([])
    expect(triesLeft()).toBe(3)
    stage.onReader.insert()
    stage.onReader.follow({})
    const again = await stage.open(ticketId)
    expect((await submit(again, stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('another card put there while the person types: said, not presented', async () => {
    const ticketId = await setStage()
    const page = await stage.open(ticketId)
    const other = createVirtualCard({ authentication: await issueCard() })
    stage.readers.insert(other)
    const again = await submit(page, stage.url, 'pin-form', { pin: '9999' })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('入れ替わったか')
    expect(other.triesLeft('authentication')).toBe(3)
    expect((await submit(again, stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('cancel: AGENT_CANCELLED, and on to the completion address', async () => {
    const ticketId = await setStage()
    const left = await submit(await stage.open(ticketId), stage.url, 'leave-form')
    expect(completionOf(left)).toContain('/sign-in/complete?code=')
    expect(errors()).toEqual(['AGENT_CANCELLED'])
    // Leaving twice tells it once.
    expect((await stage.open(ticketId)).page).toBe('done')
    expect(stage.provider.results()).toHaveLength(1)
  })

  test('the ticket ran out while the page was open: the provider is told, no PIN is presented', async () => {
    const clock = { offset: 0 }
    const ticketId = await setStage({ now: () => new Date(Date.now() + clock.offset) })
    const page = await stage.open(ticketId)
    clock.offset = 301_000
    const late = await submit(page, stage.url, 'pin-form', { pin: '1234' })
    expect(late.page).toBe('done')
    expect(errors()).toEqual(['AGENT_TIMED_OUT'])
    expect(verifies()).toBe(0)
  })

  test.each<[string, number, unknown, string]>([
    ['refuses', 410, { error: 'SIGNIN_TICKET_EXPIRED' }, 'TICKET_REFUSED'],
    ['sends the browser elsewhere', 200, { completion_uri: 'https://evil.example/' }, 'PROVIDER_ANSWER_INVALID'],
    ['answers nonsense', 200, [], 'PROVIDER_ANSWER_INVALID'],
  ])('attack 22: a provider that %s: no link there, a way back to the provider', async (_what, status, body, code) => {
    const ticketId = await setStage()
    const page = await stage.open(ticketId)
    stage.provider.misbehave((_request, response) => {
      sendJson(response, status, body)
      return true
    })
    const failed = await submit(page, stage.url, 'pin-form', { pin: '1234' })
    expect(failed).toMatchObject({ page: 'failed', code })
    expect(failed.text).not.toContain('evil.example')
    expect(failed.text).not.toContain('http-equiv="refresh"')
    expect(failed.text).toContain(`id="back" href="${stage.provider.origin}"`)
    // The signature was sent once and is not sent again.
    expect(stage.provider.results()).toHaveLength(1)
    await stage.open(ticketId)
    expect(stage.provider.results()).toHaveLength(1)
  })

  test('the end of the program tells the provider of the open ceremony', async () => {
    const ticketId = await setStage()
    await stage.open(ticketId)
    await stage.agent.close()
    expect(errors()).toEqual(['AGENT_CANCELLED'])
  })
})

describe('language', () => {
  test('is the ticket’s, can be switched, and stays switched through the forms', async () => {
    await setStage()
    const ticketId = stage.provider.issueTicket({ locale: 'en' })
    const english = await stage.open(ticketId)
    expect(english.text).toContain('<html lang="en">')
    const japanese = await stage.open(ticketId, '&lang=ja')
    expect(japanese.text).toContain('<html lang="ja">')
    const wrong = await submit(japanese, stage.url, 'pin-form', { pin: '9999' })
    expect(wrong.text).toContain('<html lang="ja">')
    expect((await stage.open(ticketId, '&lang=fr')).text).toContain('<html lang="en">')
  })

  test('without a ticket it is the browser’s', async () => {
    await setStage()
    const lang = async (accept: string) =>
      /<html lang="(\w+)"/.exec((await ask(`${stage.url}/`, { headers: { 'accept-language': accept } })).text)?.[1]
    expect([await lang('ja,en;q=0.5'), await lang('en-US'), await lang('fr')]).toEqual(['ja', 'en', 'en'])
  })
})
