import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse, type ParsedUrlQuery } from 'node:querystring'

/** One request of a log-in and its answer, without express (docs/adr/0025). */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** As it was sent, without query. */
  readonly path: string
  /** What the path names, decoded: a ticket, an interaction. */
  readonly id: string
  /** With its question mark, or nothing. */
  readonly search: string
  /** undefined where it is not said, or more than once. */
  query(name: string): string | undefined
}

/** Where a request goes to. */
export type Target = Pick<Exchange, 'path' | 'search'>

/** RFC 9112 §3.2: a path, or the whole address as a proxy sends it; whatever host that names, it came here. */
export function targetOf({ url = '/' }: Pick<IncomingMessage, 'url'>): Target {
  const target = url.startsWith('/') ? url : url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  const hash = target.indexOf('#')
  const whole = hash < 0 ? target : target.slice(0, hash)
  const start = whole.indexOf('?')
  return start < 0 ? { path: whole, search: '' } : { path: whole.slice(0, start), search: whole.slice(start) }
}

/** @param encodedId @throws URIError when it is no text */
export function openExchange(
  req: IncomingMessage,
  res: ServerResponse,
  { path, search }: Target,
  encodedId: string,
): Exchange {
  let parsed: ParsedUrlQuery | undefined
  return {
    req,
    res,
    path,
    search,
    id: encodedId.includes('%') ? decodeURIComponent(encodedId) : encodedId,
    query(name) {
      if (search === '') return undefined
      parsed ??= parse(search.slice(1))
      const value = parsed[name]
      return typeof value === 'string' ? value : undefined
    },
  }
}
