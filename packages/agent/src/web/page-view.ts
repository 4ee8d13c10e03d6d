import type { Request } from 'express'
import { LOCALES, isLocale, translator, type Locale } from '../text/translate.ts'
import { askedLanguage } from './choose-language.ts'

/** How a person wants the pages of a ceremony; goes along in every address and form. */
export interface PageView {
  /** Switched to by a link of ours. */
  readonly lang: Locale | undefined
  /** The digits as keys on the page, in shuffled order. */
  readonly keypad: boolean
}

export function viewOfQuery(request: Request): PageView {
  return { lang: askedLanguage(request), keypad: request.query['keypad'] === '1' }
}

export function viewOfForm(fields: URLSearchParams): PageView {
  const lang = fields.get('lang')
  return { lang: isLocale(lang) ? lang : undefined, keypad: fields.get('keypad') === '1' }
}

/** As parameters of an address. */
export function toQuery({ lang, keypad }: PageView): Record<string, string> {
  return { ...(lang === undefined ? {} : { lang }), ...(keypad ? { keypad: '1' } : {}) }
}

/** The links that switch the language. */
export function languageLinks(current: Locale, hrefOf: (locale: Locale) => string) {
  return LOCALES.map((code) => ({
    code,
    name: translator(code)('language.name'),
    href: hrefOf(code),
    current: code === current,
  }))
}
