import { describe, expect, test } from 'vitest'
import { parsePin } from '../../src/pin/parse-pin.ts'
import { readPinForm } from '../../src/web/read-pin-form.ts'

describe('attack 28: what is no PIN never reaches a card', () => {
  test.each(['', '1', '123', '12345', '123a', '12 4', '-123', '１２３４', '%31%32%33%34', '1234\n', '+1234', '٠١٢٣'])(
    '%j',
    (typed) => {
      expect(parsePin(Buffer.from(typed))).toBeUndefined()
    },
  )

  test.each(['0000', '1234', '9999'])('%s is one', (typed) => {
    expect(parsePin(Buffer.from(typed))?.toString()).toBe(typed)
  })
})

describe('the form', () => {
  test('gives the PIN as bytes of its own, the other fields as text, and is wiped', () => {
    const body = Buffer.from('token=abc&form=x%2By&pin=4711&lang=ja')
    const { fields, pin } = readPinForm(body)
    expect(pin?.toString()).toBe('4711')
    expect([...fields]).toEqual([
      ['token', 'abc'],
      ['form', 'x+y'],
      ['lang', 'ja'],
    ])
    expect(body.every((byte) => byte === 0)).toBe(true)
  })

  test.each([
    'pin=1234&pin=1234',
    'pin=1234&pin=',
    'pin=',
    'PIN=1234',
    'token=pin=1234',
    'p%69n=1234',
    'pin=12345',
    '',
  ])('%j holds no PIN', (text) => {
    expect(readPinForm(Buffer.from(text)).pin).toBeUndefined()
  })
})
