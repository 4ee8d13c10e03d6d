import { describe, expect, test } from 'vitest'
import type { PinAnswer, PinEntry, PinQuestion } from '../../src/pin/pin-entry.ts'
import { ask, fieldOf, submit, watch, type Answer } from '../support/browse.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()

/** Types a PIN with the keys of a page as a browser without scripts does: one request a key. */
async function press(page: Answer, digits: string): Promise<Answer> {
  let current = page
  for (const digit of digits) {
    const place = new RegExp(`name="key" value="(\\d)"[^>]*>${digit}</button>`).exec(current.text)?.[1] ?? 'none'
    current = await submit(current, use.stage.url, 'keypad-form', { key: place })
  }
  return current
}

describe('the keys of the page, without JavaScript', () => {
  const openKeypad = async () => {
    const ticketId = await use.set()
    return use.stage.open(ticketId, '&keypad=1')
  }

  test('four presses and a press: signed in; no digit is in any request or page but as the name of a key', async () => {
    const page = await openKeypad()
    const typed = await press(page, '1234')
    expect(typed.text).toContain('4桁入力しました')
    expect(typed.text).not.toContain('value="1234"')
    expect((await submit(typed, use.stage.url, 'pin-form', { pin: '' })).page).toBe('done')
  })

  test('the order differs from page to page, and stays while one types', async () => {
    const order = (page: Answer) =>
      [...page.text.matchAll(/name="key" value="\d"[^>]*>(\d)</g)].map(([, digit]) => digit)
    const page = await openKeypad()
    expect(order(page).toSorted()).toEqual(Array.from('0123456789'))
    expect(order(await press(page, '1'))).toEqual(order(page))
    const orders = new Set([order(page).join('')])
    for (let wrong = page, tries = 0; tries < 2; tries += 1) {
      wrong = await submit(wrong, use.stage.url, 'pin-form', { pin: `99` })
      orders.add(order(wrong).join(''))
    }
    expect(orders.size).toBeGreaterThan(1)
  })

  test.each(['', '1', '123'])('%j and a press: not presented', async (digits) => {
    const typed = await press(await openKeypad(), digits)
    const again = await submit(typed, use.stage.url, 'pin-form', { pin: '' })
    expect(again.text).toContain('半角の数字4桁で入力してください')
    expect(use.verifies()).toBe(0)
  })

  test('a wrong key can be erased', async () => {
    const typed = await press(await openKeypad(), '129')
    const erased = await submit(typed, use.stage.url, 'keypad-form', { key: 'erase' })
    expect(erased.text).toContain('2桁入力しました')
    expect((await submit(await press(erased, '34'), use.stage.url, 'pin-form', { pin: '' })).page).toBe('done')
  })

  test('what was typed with the keyboard counts, and what was typed with keys before it is forgotten', async () => {
    const typed = await press(await openKeypad(), '9999')
    expect((await submit(typed, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })

  test('digits for one card do not reach another: with the card they are forgotten', async () => {
    const ticketId = await use.set()
    const typed = await press(await use.stage.open(ticketId, '&keypad=1'), '123')
    use.stage.readers.remove()
    expect((await watch(typed, use.stage.url)).code).toBe('CARD_NOT_FOUND')
    use.stage.readers.insert(use.stage.onReader)
    const back = await use.stage.open(ticketId, '&keypad=1')
    expect(back.text).not.toMatch(/\d桁入力しました/)
    const pressed = await press(typed, '4')
    expect(pressed.text).not.toMatch(/\d桁入力しました/)
  })
})

describe('a PIN asked for elsewhere', () => {
  /** An entry that a test answers. */
  function scripted() {
    const asked: { question: PinQuestion; signal: AbortSignal }[] = []
    let answer: (answer: PinAnswer) => void = () => undefined
    const pinEntry: PinEntry = {
      kind: 'pinentry',
      ask(question, signal) {
        asked.push({ question, signal })
        return new Promise((resolve) => {
          answer = resolve
          signal.addEventListener('abort', () => {
            resolve({ outcome: 'cancelled' })
          })
        })
      },
    }
    return { pinEntry, asked, answer: (given: PinAnswer) => answer(given) }
  }
  async function begin() {
    const entry = scripted()
    const ticketId = await use.set({ pinEntry: entry.pinEntry })
    const page = await use.stage.open(ticketId)
    const asking = submit(page, use.stage.url, 'ask-form')
    await expect.poll(() => entry.asked.length).toBe(1)
    return { ...entry, page, ticketId, asking }
  }
  const entered = (pin: string): PinAnswer => ({ outcome: 'entered', pin: Buffer.from(pin) })

  test('the page has no field; the window is told who asks; the PIN is presented once and zeroed', async () => {
    const { page, asked, answer, asking } = await begin()
    expect(page.page).toBe('pin')
    expect(page.text).not.toContain('name="pin"')
    expect(asked[0]?.question).toMatchObject({ triesLeft: 3, provider: use.stage.provider.origin, wrongBefore: false })
    const pin = Buffer.from('1234')
    answer({ outcome: 'entered', pin })
    expect((await asking).page).toBe('done')
    expect(pin.every((byte) => byte === 0)).toBe(true)
    expect(use.verifies()).toBe(1)
  })

  test.each<[PinAnswer, string]>([
    [{ outcome: 'cancelled' }, '入力を取りやめました'],
    [{ outcome: 'timed-out' }, '入力の時間が過ぎました'],
    [{ outcome: 'malformed' }, '半角の数字4桁で入力してください'],
    [{ outcome: 'unavailable', detail: 'x' }, '入力の画面を開けませんでした'],
  ])('%j: said, nothing spent, and the person may ask again', async (given, text) => {
    const { answer, asking } = await begin()
    answer(given)
    const page = await asking
    expect([page.page, use.verifies()]).toEqual(['pin', 0])
    expect(page.text).toContain(text)
    expect(page.text).toContain('ask-form')
  })

  test('while it is open: reloading says where to type, pressing again opens no second one', async () => {
    const { page, ticketId, asked, answer, asking } = await begin()
    expect((await use.stage.open(ticketId)).page).toBe('asking')
    expect((await submit(page, use.stage.url, 'ask-form')).page).toBe('asking')
    answer(entered('1234'))
    await asking
    expect([asked.length, use.verifies()]).toEqual([1, 1])
  })

  test('leaving closes it; what is typed at that moment is not presented', async () => {
    const { ticketId, asking, asked } = await begin()
    const left = await submit(await use.stage.open(ticketId), use.stage.url, 'leave-form')
    expect(left.page).toBe('done')
    await asking
    expect(asked[0]?.signal.aborted).toBe(true)
    expect([use.errors(), use.verifies()]).toEqual([['AGENT_CANCELLED'], 0])
  })

  test('the form of the page is not taken where the PIN is typed elsewhere, and the other way round', async () => {
    const page = await use.openPage()
    const token = fieldOf(page, 'token')
    const body = new URLSearchParams({ token, form: fieldOf(page, 'form') }).toString()
    const headers = { origin: use.stage.url, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await ask(`${use.stage.url}/sign-in/ask`, { method: 'POST', headers, body })).status).toBe(404)
  })

  test('attack 23: a foreign page cannot make a window open', async () => {
    const entry = scripted()
    const page = await use.openPage({ pinEntry: entry.pinEntry })
    const body = new URLSearchParams({ token: fieldOf(page, 'token'), form: fieldOf(page, 'form') }).toString()
    for (const origin of ['https://evil.example', 'null']) {
      const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' }
      expect((await ask(`${use.stage.url}/sign-in/ask`, { method: 'POST', headers, body })).status).toBe(403)
    }
    expect(entry.asked).toEqual([])
  })
})
