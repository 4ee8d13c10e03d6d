import type { Request } from 'express'
import { LOCALES, isLocale, type Locale } from '../text/translate.ts'

/** The language switched to by a link of ours, if any. */
export function askedLanguage(request: Request): Locale | undefined {
  const { lang } = request.query
  return isLocale(lang) ? lang : undefined
}

/** For pages without a ticket, which would name one: the browser's own. */
export function languageWithoutTicket(request: Request): Locale {
  const accepted = request.acceptsLanguages([...LOCALES])
  return askedLanguage(request) ?? (isLocale(accepted) ? accepted : 'en')
}
