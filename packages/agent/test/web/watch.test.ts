import { createVirtualCard } from '@sekisho/virtual-card'
import { describe, expect, test } from 'vitest'
import { submit, watch } from '../support/browse.ts'
import { issueCard } from '../support/issue-card.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()

describe('an open page follows what happens at the readers', () => {
  test('nothing happens: 204 after a while, no command to the card, no look at the provider', async () => {
    const page = await use.openPage()
    const commands = use.stage.card.log.length
    expect((await watch(page, use.stage.url)).status).toBe(204)
    expect(use.stage.card.log).toHaveLength(commands)
    expect(use.stage.provider.seen).toHaveLength(1)
  })

  test('no reader, a reader, a card, the card gone, the reader gone: each becomes the page by itself', async () => {
    const ticketId = await use.set()
    const { readers, onReader, url } = use.stage
    readers.unplug()
    let page = await use.stage.open(ticketId)
    const codes = [page.code]
    for (const change of [
      () => {
        readers.insert({ transmit: () => Buffer.alloc(2), reset: () => undefined, present: false })
      },
      () => {
        readers.insert(onReader)
      },
      () => {
        readers.remove()
      },
      () => {
        readers.unplug()
      },
    ]) {
      const next = watch(page, url)
      change()
      page = await next
      codes.push(page.code ?? page.page)
    }
    expect(codes).toEqual(['READER_NOT_FOUND', 'CARD_NOT_FOUND', 'pin', 'CARD_NOT_FOUND', 'READER_NOT_FOUND'])
  })

  test('what happened between the page and the question is not missed', async () => {
    const page = await use.openPage()
    use.stage.readers.remove()
    expect(await watch(page, use.stage.url)).toMatchObject({ status: 200, code: 'CARD_NOT_FOUND' })
  })

  test('an empty reader more: the page stays, and what is being typed with it', async () => {
    const page = await use.openPage()
    const next = watch(page, use.stage.url)
    use.stage.readers.insert({ transmit: () => Buffer.alloc(2), reset: () => undefined, present: false }, 'Another')
    expect((await next).status).toBe(204)
    expect((await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('attack 29: another card: the page changes, and a PIN typed on the old one does not reach the new one', async () => {
    // a key takes its time to be found: longer than a page waits here
    const other = createVirtualCard({ authentication: await issueCard() })
    const page = await use.openPage()
    const next = watch(page, use.stage.url)
    use.stage.readers.insert(other)
    const changed = await next
    expect([changed.status, changed.page]).toEqual([200, 'pin'])
    const refused = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect(refused.text).toContain('入れ替わったか')
    expect(other.triesLeft('authentication')).toBe(3)
    expect((await submit(refused, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('attack 29: another program lets go of the card: the page goes on by itself', async () => {
    const ticketId = await use.set()
    const other = await use.stage.readers.connect('Software reader 1')
    const page = await use.stage.open(ticketId)
    expect(page.code).toBe('READER_BUSY')
    const next = watch(page, use.stage.url)
    await other.release()
    expect((await next).page).toBe('pin')
  })

  test('the ticket runs out while nobody does anything: the provider is told, the page says so', async () => {
    const clock = { offset: 0 }
    const ticketId = await use.set({ now: () => new Date(Date.now() + clock.offset) })
    const next = watch(await use.stage.open(ticketId), use.stage.url)
    clock.offset = 301_000
    expect((await next).page).toBe('done')
    expect(use.errors()).toEqual(['AGENT_TIMED_OUT'])
  })

  test('a page that was gone on with in another tab', async () => {
    const page = await use.openPage()
    const next = watch(page, use.stage.url)
    await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect((await next).text).toContain('あと2回')
  })

  test('a browser that hangs up ends the waiting: the agent can close', async () => {
    const page = await use.openPage({ watchTimes: { readersMs: 20, busyMs: 100, longestMs: 600_000 } })
    const hanging = watch(page, use.stage.url).catch(() => 'hung up')
    await use.stage.agent.close()
    expect(await hanging).toBe('hung up')
  })
})

describe('attack 23: who may watch', () => {
  test.each<[string, Record<string, string>]>([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['Origin null', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['JSON', { 'content-type': 'application/json' }],
  ])('%s: refused', async (_what, headers) => {
    const page = await use.openPage()
    const answer = await watch(page, use.stage.url, { headers })
    expect([400, 403]).toContain(answer.status)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  })

  test('a wrong token: refused', async () => {
    const page = await use.openPage()
    const forged = {
      ...page,
      text: page.text.replace(/name="token" value="[^"]*"/g, `name="token" value="${'A'.repeat(43)}"`),
    }
    expect(await watch(forged, use.stage.url)).toMatchObject({ status: 403, code: 'REQUEST_FOREIGN' })
  })
})
