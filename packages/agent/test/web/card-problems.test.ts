import { createVirtualCard } from '@sekisho/virtual-card'
import { describe, expect, test } from 'vitest'
import { ask, completionOf, submit } from '../support/browse.ts'
import { sendJson } from '../support/fake-provider.ts'
import { issueCard } from '../support/issue-card.ts'
import type { Stage } from '../support/start-agent.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()

describe('cards that are not ready, and the way back', () => {
  test.each<[string, (options: Stage) => void, string]>([
    ['no card', ({ readers }) => readers.remove(), 'CARD_NOT_FOUND'],
    [
      'a foreign card',
      ({ readers }) => readers.insert({ transmit: () => Buffer.from('6a82', 'hex'), reset: () => undefined }),
      'CARD_UNSUPPORTED',
    ],
    [
      'a card that does not answer',
      ({ onReader }) => onReader.follow({ rules: [{ do: { kind: 'delay', milliseconds: 900 } }] }),
      'CARD_TIMEOUT',
    ],
    [
      'a card pulled',
      ({ onReader }) => onReader.follow({ rules: [{ when: { nth: 3 }, do: { kind: 'remove-before' } }] }),
      'CARD_REMOVED',
    ],
  ])('%s: said, with a button to look again; leaving tells the provider why', async (_what, disturb, code) => {
    const ticketId = await use.set()
    disturb(use.stage)
    const page = await use.stage.open(ticketId)
    expect(page).toMatchObject({ status: 200, page: 'problem', code })
    expect(page.text).toContain('id="retry"')
    expect(page.text).not.toContain('name="pin"')
    const left = await submit(page, use.stage.url, 'leave-form')
    expect(left.page).toBe('done')
    expect(use.errors()).toEqual([code])
  })

  test('looking again after the card was put there', async () => {
    const ticketId = await use.set()
    use.stage.readers.remove()
    const page = await use.stage.open(ticketId)
    use.stage.readers.insert(use.stage.onReader)
    const href = /id="retry" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const again = await ask(`${use.stage.url}${href}`)
    expect(again.page).toBe('pin')
    expect((await submit(again, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('attack 27: the card pulled after VERIFY: said, nothing sent, and the same ceremony goes on with the card back', async () => {
    const ticketId = await use.set()
    const page = await use.stage.open(ticketId)
    use.stage.onReader.follow({ rules: [{ when: { name: 'SIGN' }, do: { kind: 'remove-before' } }] })
    const pulled = await submit(page, use.stage.url, 'pin-form', { pin: '1234' })
    expect(pulled).toMatchObject({ page: 'problem', code: 'CARD_REMOVED' })
    expect(use.stage.provider.results()).toEqual([])
    expect(use.triesLeft()).toBe(3)
    use.stage.onReader.insert()
    use.stage.onReader.follow({})
    const again = await use.stage.open(ticketId)
    expect((await submit(again, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('another card put there while the person types: said, not presented', async () => {
    const ticketId = await use.set()
    const page = await use.stage.open(ticketId)
    const other = createVirtualCard({ authentication: await issueCard() })
    use.stage.readers.insert(other)
    const again = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('入れ替わったか')
    expect(other.triesLeft('authentication')).toBe(3)
    expect((await submit(again, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('cancel: AGENT_CANCELLED, and on to the completion address', async () => {
    const ticketId = await use.set()
    const left = await submit(await use.stage.open(ticketId), use.stage.url, 'leave-form')
    expect(completionOf(left)).toContain('/sign-in/complete?code=')
    expect(use.errors()).toEqual(['AGENT_CANCELLED'])
    // Leaving twice tells it once.
    expect((await use.stage.open(ticketId)).page).toBe('done')
    expect(use.stage.provider.results()).toHaveLength(1)
  })

  test('the ticket ran out while the page was open: the provider is told, no PIN is presented', async () => {
    const clock = { offset: 0 }
    const ticketId = await use.set({ now: () => new Date(Date.now() + clock.offset) })
    const page = await use.stage.open(ticketId)
    clock.offset = 301_000
    const late = await submit(page, use.stage.url, 'pin-form', { pin: '1234' })
    expect(late.page).toBe('done')
    expect(use.errors()).toEqual(['AGENT_TIMED_OUT'])
    expect(use.verifies()).toBe(0)
  })

  test.each<[string, number, unknown, string]>([
    ['refuses', 410, { error: 'SIGNIN_TICKET_EXPIRED' }, 'TICKET_REFUSED'],
    ['sends the browser elsewhere', 200, { completion_uri: 'https://evil.example/' }, 'PROVIDER_ANSWER_INVALID'],
    ['answers nonsense', 200, [], 'PROVIDER_ANSWER_INVALID'],
  ])('attack 22: a provider that %s: no link there, a way back to the site', async (_what, status, body, code) => {
    const ticketId = await use.set()
    const page = await use.stage.open(ticketId)
    use.stage.provider.misbehave((_request, response) => {
      sendJson(response, status, body)
      return true
    })
    const failed = await submit(page, use.stage.url, 'pin-form', { pin: '1234' })
    expect(failed).toMatchObject({ page: 'failed', code })
    expect(failed.text).not.toContain('evil.example')
    expect(failed.text).not.toContain('http-equiv="refresh"')
    expect(failed.text).toContain('id="back" href="https://shop.example"')
    // The signature was sent once and is not sent again.
    expect(use.stage.provider.results()).toHaveLength(1)
    await use.stage.open(ticketId)
    expect(use.stage.provider.results()).toHaveLength(1)
  })

  test('the end of the program tells the provider of the open ceremony', async () => {
    const ticketId = await use.set()
    await use.stage.open(ticketId)
    await use.stage.agent.close()
    expect(use.errors()).toEqual(['AGENT_CANCELLED'])
  })
})
