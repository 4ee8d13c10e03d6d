import { createVirtualCard } from '@sekisho/virtual-card'
import { describe, expect, test } from 'vitest'
import { completionOf, submit } from '../support/browse.ts'
import { issueCard } from '../support/issue-card.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()

/** Another program spends a try meanwhile. */
function spendOneElsewhere(): void {
  for (const command of ['00a4040c0ad392f000260100000001', '00a4020c020018', '002000800430303030']) {
    use.stage.card.transmit(Buffer.from(command, 'hex'))
  }
}

describe('attack 28: the PIN page', () => {
  test('a wrong PIN: tries left, the field again, and only the person tries again', async () => {
    const page = await use.openPage()
    const again = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('あと2回')
    expect(again.text).toContain('aria-invalid="true"')
    expect([use.triesLeft(), use.verifies()]).toEqual([2, 1])
    expect(use.stage.provider.results()).toEqual([])
    expect((await submit(again, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
    expect(use.verifies()).toBe(2)
  })

  test.each(['', '123', '12345', '12a4', '１２３４', '1234 '])('%j is not presented to the card', async (pin) => {
    const page = await use.openPage()
    const again = await submit(page, use.stage.url, 'pin-form', { pin })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('半角の数字4桁で入力してください')
    expect([use.triesLeft(), use.verifies()]).toEqual([3, 0])
  })

  test('the same form sent again (reload, back, double click): the PIN is presented once', async () => {
    const page = await use.openPage()
    const once = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    const twice = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect([once.page, twice.page]).toEqual(['pin', 'pin'])
    expect([use.triesLeft(), use.verifies()]).toEqual([2, 1])
  })

  test('the same form sent five times at once: one VERIFY, and each sees the same end', async () => {
    const page = await use.openPage()
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => submit(page, use.stage.url, 'pin-form', { pin: '1234' })),
    )
    expect(new Set(answers.map(completionOf)).size).toBe(1)
    expect([use.verifies(), use.stage.provider.results().length]).toEqual([1, 1])
  })

  test('a form from before a wrong PIN, sent with another PIN: not presented', async () => {
    const page = await use.openPage()
    await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    await submit(page, use.stage.url, 'pin-form', { pin: '8888' })
    expect([use.triesLeft(), use.verifies()]).toEqual([2, 1])
  })

  test('a form two steps old, its card back on the reader: not presented, and said', async () => {
    const old = await use.openPage()
    const page = await submit(old, use.stage.url, 'pin-form', { pin: '9999' })
    use.stage.onReader.follow({ rules: [{ when: { nth: 1 }, do: { kind: 'remove-before' } }] })
    expect(await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).toMatchObject({ code: 'CARD_REMOVED' })
    use.stage.onReader.insert()
    const again = await submit(old, use.stage.url, 'pin-form', { pin: '8888' })
    expect(again.page).toBe('pin')
    expect(again.text).toContain('この画面はすでに使われています')
    expect([use.triesLeft(), use.verifies()]).toEqual([2, 1])
  })

  test('a form from before the counter fell to one: asked first', async () => {
    const ticketId = await use.set({ triesLeft: 2 })
    const page = await use.stage.open(ticketId)
    spendOneElsewhere()
    expect((await use.stage.open(ticketId)).page).toBe('confirm')
    expect((await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('confirm')
    expect(use.triesLeft()).toBe(1)
  })

  test('two wrong PINs: the extra question, whose first button stops', async () => {
    const page = await use.openPage()
    const second = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    const last = await submit(second, use.stage.url, 'pin-form', { pin: '9999' })
    expect(last.page).toBe('confirm')
    expect(last.text).not.toContain('name="pin"')
    expect(last.text.indexOf('leave-form')).toBeLessThan(last.text.indexOf('confirm-form'))
    expect(last.text).toMatch(/id="leave-form"[\s\S]*?autofocus[\s\S]*?id="confirm-form"/)
    const stopped = await submit(last, use.stage.url, 'leave-form')
    expect(stopped.page).toBe('done')
    expect(use.errors()).toEqual(['AGENT_CANCELLED'])
    expect(use.triesLeft()).toBe(1)
  })

  test('the last try: confirmed, right, and the counter is full again', async () => {
    const ticketId = await use.set({ triesLeft: 1 })
    const page = await use.stage.open(ticketId)
    expect(page.page).toBe('confirm')
    const field = await submit(page, use.stage.url, 'confirm-form')
    expect(field.page).toBe('pin')
    expect(field.text).toContain('あと1回だけ')
    expect((await submit(field, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
    expect(use.triesLeft()).toBe(3)
  })

  test('the last try cannot be had without the question', async () => {
    const ticketId = await use.set({ triesLeft: 2 })
    const page = await use.stage.open(ticketId)
    spendOneElsewhere()
    expect(use.triesLeft()).toBe(1)
    const asked = await submit(page, use.stage.url, 'pin-form', { pin: '1234' })
    expect(asked.page).toBe('confirm')
    expect(use.verifies()).toBe(1)
  })

  test('a confirmation is for one card: another card with one try is asked about anew', async () => {
    const ticketId = await use.set({ triesLeft: 1 })
    const field = await submit(await use.stage.open(ticketId), use.stage.url, 'confirm-form')
    const other = createVirtualCard({ authentication: { ...(await issueCard()), triesLeft: 1 } })
    use.stage.readers.insert(other)
    expect((await submit(field, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('confirm')
    expect(other.triesLeft('authentication')).toBe(1)
  })

  test('the last try, wrong: locked, no field, where to unlock; the provider is told PIN_BLOCKED', async () => {
    const ticketId = await use.set({ triesLeft: 1 })
    const field = await submit(await use.stage.open(ticketId), use.stage.url, 'confirm-form')
    const locked = await submit(field, use.stage.url, 'pin-form', { pin: '9999' })
    expect(locked).toMatchObject({ page: 'problem', code: 'PIN_BLOCKED' })
    expect(locked.text).not.toContain('name="pin"')
    expect(locked.text).toContain('市区町村の窓口')
    expect(locked.text).toContain('コンビニのキオスク端末')
    const left = await submit(locked, use.stage.url, 'leave-form')
    expect(left.page).toBe('done')
    expect(use.errors()).toEqual(['PIN_BLOCKED'])
  })
})
