import { readResource } from '../resources/read-resource.ts'

export const LOCALES = ['ja', 'en'] as const
export type Locale = (typeof LOCALES)[number]

type Messages = Readonly<Record<string, string>>

export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string

const MESSAGES: Readonly<Record<Locale, Messages>> = { ja: load('ja'), en: load('en') }

/**
 * Texts of one language. `{name}` in a text stands for a value; pages escape the result.
 *
 * @throws Error for a key that does not exist: a fault of this program, found by the tests
 */
export function translator(locale: Locale): Translate {
  return (key, values = {}) => {
    const text = MESSAGES[locale][key]
    if (text === undefined) throw new Error(`no text for ${key}`)
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
  }
}

export function hasText(key: string): boolean {
  return Object.hasOwn(MESSAGES.ja, key)
}

export function isLocale(text: unknown): text is Locale {
  return LOCALES.some((locale) => locale === text)
}

function load(locale: Locale): Messages {
  return JSON.parse(readResource(`locales/${locale}.json`).toString()) as Messages
}
