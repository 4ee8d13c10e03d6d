import type { Request } from 'express'
import type { Exchange } from './direct/exchange.ts'
import { chooseLocale, type Locale } from './locale.ts'

/** The language of a page: what was pressed (`?lang=`), what the site wished, what the browser says, else the operator's default. */
export function localeOfRequest(req: Request, fallback: Locale, uiLocales?: string): Locale {
  const { lang } = req.query
  const chosen = typeof lang === 'string' ? lang : undefined
  return chooseLocale({ chosen, uiLocales, acceptLanguage: req.headers['accept-language'] }, fallback)
}

export function localeOfExchange(
  { req, query }: Pick<Exchange, 'req' | 'query'>,
  fallback: Locale,
  uiLocales?: string,
): Locale {
  return chooseLocale({ chosen: query('lang'), uiLocales, acceptLanguage: req.headers['accept-language'] }, fallback)
}
