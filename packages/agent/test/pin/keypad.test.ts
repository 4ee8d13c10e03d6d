import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeypad } from '../../src/pin/keypad.ts'

/** The keys in the order 9, 8, … 0 or so, the same each time. */
const fixed = () => createKeypad((limit) => limit - 1)
const type = (keypad: ReturnType<typeof createKeypad>, digits: string) => {
  for (const digit of digits) keypad.press(keypad.order.indexOf(Number(digit)))
}

describe('the keys of the page', () => {
  test('every digit once, in an order that changes', () => {
    const orders = Array.from({ length: 20 }, () => createKeypad(randomInt).order)
    for (const order of orders) expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(new Set(orders.map((order) => order.join(''))).size).toBeGreaterThan(15)
  })

  test('four digits come out as bytes, once', () => {
    const keypad = fixed()
    type(keypad, '7294')
    expect(keypad.take()?.toString('latin1')).toBe('7294')
    expect([keypad.length(), keypad.take()]).toEqual([0, undefined])
  })

  test.each(['', '7', '729'])('%j is no PIN, and is forgotten when asked for', (digits) => {
    const keypad = fixed()
    type(keypad, digits)
    expect(keypad.length()).toBe(digits.length)
    expect([keypad.take(), keypad.length()]).toEqual([undefined, 0])
  })

  test('a fifth digit, and keys there are not, change nothing; the last digit can be erased', () => {
    const keypad = fixed()
    type(keypad, '72941')
    for (const place of [-1, 10, 0.5, Number.NaN]) keypad.press(place)
    keypad.erase()
    type(keypad, '0')
    expect(keypad.take()?.toString('latin1')).toBe('7290')
    keypad.erase()
    expect(keypad.length()).toBe(0)
  })
})
