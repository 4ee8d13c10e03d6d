import type { Request } from 'express'
import type { Locale } from './locale.ts'

/** The same page in the other language; what else stands in the query stays. */
export function otherLanguageHref(req: Request, locale: Locale): string {
  // by hand: `new URL('//x', base)` would take x for a host
  const start = req.originalUrl.indexOf('?')
  const wishes = new URLSearchParams(start < 0 ? '' : req.originalUrl.slice(start))
  wishes.set('lang', locale === 'ja' ? 'en' : 'ja')
  return `${(req.baseUrl + req.path).replace(/^\/+/, '/')}?${wishes.toString()}`
}
