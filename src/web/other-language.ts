import type { Request } from 'express'
import type { Target } from './direct/exchange.ts'
import type { Locale } from './locale.ts'

/** The same page in the other language; what else stands in the query stays. */
export function otherLanguageHref(req: Request, locale: Locale): string {
  // by hand: `new URL('//x', base)` would take x for a host
  const start = req.originalUrl.indexOf('?')
  return inOtherLanguage(
    { path: req.baseUrl + req.path, search: start < 0 ? '' : req.originalUrl.slice(start) },
    locale,
  )
}

export function inOtherLanguage({ path, search }: Target, locale: Locale): string {
  const other = locale === 'ja' ? 'en' : 'ja'
  const plain = path.startsWith('//') ? path.replace(/^\/+/, '/') : path
  if (search === '') return `${plain}?lang=${other}`
  const wishes = new URLSearchParams(search)
  wishes.set('lang', other)
  return `${plain}?${wishes.toString()}`
}
