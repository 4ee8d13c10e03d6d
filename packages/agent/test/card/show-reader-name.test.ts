import { expect, test } from 'vitest'
import { showReaderName } from '../../src/card/show-reader-name.ts'

test.each([
  [
    'SCM Microsystems Inc. SCR 3310 [CCID Interface] (53311507205621) 00 00',
    'SCM Microsystems Inc. SCR 3310 [CCID Interface]',
  ],
  ['Sony RC-S300/P (A1B2C3) 01 00', 'Sony RC-S300/P'],
  ['Virtual PCD 00 01', 'Virtual PCD'],
  ['Windows Hello for Business 1', 'Windows Hello for Business 1'],
  ['リーダー', 'リーダー'],
  ['bidi\u202e name\u0000', 'bidi name'],
  ['(0000)', '?'],
  ['x'.repeat(300), 'x'.repeat(80)],
])('the reader %j is shown as %j: no serial number, no control characters', (name, shown) => {
  expect(showReaderName(name)).toBe(shown)
})
