import { expect, test } from 'vitest'
import { ERROR_REGISTRY } from '../../../src/error-registry/registry.ts'
import { AGENT_FAILURE_CODES } from '@sekisho/protocol'
import { loadMessages, translator } from '../../../src/web/messages.ts'

const messages = loadMessages(new URL('../../../locales/', import.meta.url))

test('both languages say the same things with the same places', () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
  expect([...messages.en.keys()].sort()).toEqual([...messages.ja.keys()].sort())
  for (const [key, text] of messages.ja) {
    expect([key, places(messages.en.get(key) ?? '')]).toEqual([key, places(text)])
    expect(text.trim(), key).not.toBe('')
  }
})

test.each(Object.keys(ERROR_REGISTRY))('%s has a title, a message and an action', (code) => {
  for (const part of ['title', 'message', 'action']) expect(messages.ja.has(`errors.${code}.${part}`)).toBe(true)
})

test('no message is left over from a code that is gone', () => {
  const spoken = [...messages.ja.keys()].map((key) => /^errors\.(\w+)\./.exec(key)?.[1]).filter(Boolean)
  expect(new Set(spoken)).toEqual(new Set(Object.keys(ERROR_REGISTRY)))
})

test.each(AGENT_FAILURE_CODES)('the wire code %s stands in the registry', (code) => {
  expect(Object.keys(ERROR_REGISTRY)).toContain(code)
})

test('an unknown key is a fault, an unknown place stays', () => {
  const t = translator(new Map([['a', 'x {b} {c}']]))
  expect(t('a', { b: 'B' })).toBe('x B {c}')
  expect(() => t('nope')).toThrow('no message nope')
})
