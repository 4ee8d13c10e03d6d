import { expect, test } from 'vitest'
import { chooseLocale } from '../../../src/web/locale.ts'

test.each([
  [{}, 'ja'],
  [{ acceptLanguage: 'fr, de;q=0.5' }, 'ja'],
  [{ acceptLanguage: 'en-GB,en;q=0.9' }, 'en'],
  [{ acceptLanguage: 'en;q=0.3, ja-JP;q=0.8' }, 'ja'],
  [{ acceptLanguage: 'ja;q=0, en;q=0.1' }, 'en'],
  [{ acceptLanguage: ';;;,,,q=' }, 'ja'],
  [{ uiLocales: 'fr en', acceptLanguage: 'ja' }, 'en'],
  [{ chosen: 'en', uiLocales: 'ja', acceptLanguage: 'ja' }, 'en'],
  [{ chosen: '<script>', uiLocales: 'EN-us' }, 'en'],
] as const)('%j → %s', (wishes, locale) => {
  expect(chooseLocale(wishes, 'ja')).toBe(locale)
})
