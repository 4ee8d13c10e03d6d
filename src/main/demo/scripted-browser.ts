import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { refreshOf } from './html-form.ts'

export interface Page {
  /** Of the page; or where the walk left the site, then there is no `html`. */
  readonly url: URL
  readonly status: number
  readonly html: string
}

interface Cookie {
  readonly host: string
  readonly path: string
  readonly name: string
  readonly value: string
}

const MAX_HOPS = 20
const DEADLINE_MS = 20_000

/**
 * A browser without a screen: follows redirects and refreshes, keeps cookies by host and path (never by port, as browsers do
 * not either), and says where its requests come from. Enough to walk through the very pages a person sees.
 */
export function createScriptedBrowser({
  acceptLanguage,
  staysAt,
}: {
  readonly acceptLanguage: string
  /** An origin: an address elsewhere is where the walk ends, and is not opened. */
  readonly staysAt?: string
}) {
  let cookies: Cookie[] = []

  const cookieHeader = (url: URL): string =>
    cookies
      .filter(({ host, path }) => host === url.hostname && isWithin(url.pathname, path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')

  const keep = (url: URL, lines: readonly string[]): void => {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(/;\s*/)
      const at = pair.indexOf('=')
      const of = (name: string) =>
        attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
      const cookie = {
        host: url.hostname,
        path: of('path') ?? '/',
        name: pair.slice(0, at),
        value: pair.slice(at + 1),
      }
      const expires = of('expires')
      const gone = of('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now())
      cookies = cookies.filter(
        ({ host, path, name }) => host !== cookie.host || path !== cookie.path || name !== cookie.name,
      )
      if (!gone) cookies.push(cookie)
    }
  }

  /** One request, with where it leads if it leads on. */
  const step = async (
    url: URL,
    from: URL | undefined,
    form: URLSearchParams | undefined,
  ): Promise<Page & { readonly next: URL | undefined }> => {
    const headers = {
      accept: 'text/html',
      'accept-language': acceptLanguage,
      cookie: cookieHeader(url),
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': from === undefined ? 'none' : from.origin === url.origin ? 'same-origin' : 'cross-site',
    }
    const { status, setCookies, location, html } = await send(url, headers, from, form?.toString())
    keep(url, setCookies)
    const next = location ?? refreshOf(html)
    return { url, status, html, next: next === undefined ? undefined : new URL(next, url) }
  }

  const walk = async (url: URL, from: URL | undefined, form?: URLSearchParams): Promise<Page> => {
    let page = await step(url, from, form)
    for (let hop = 0; hop < MAX_HOPS && page.next !== undefined; hop++) {
      if (staysAt !== undefined && page.next.origin !== staysAt)
        return { url: page.next, status: page.status, html: '' }
      page = await step(page.next, from, undefined)
    }
    if (page.next !== undefined) throw new Error('the pages redirect in a circle')
    return page
  }

  const target = (page: Page, action: string): URL => new URL(action === '' ? page.url : action, page.url)

  return {
    open: (address: string): Promise<Page> => walk(new URL(address), undefined),
    follow: (page: Page, href: string): Promise<Page> => walk(new URL(href, page.url), page.url),
    submit: (page: Page, action: string, values: Readonly<Record<string, string>>): Promise<Page> =>
      walk(target(page, action), page.url, new URLSearchParams(values)),
    /** Submits a form and stops at the address it is answered with. */
    addressAfter: async (page: Page, action: string, values: Readonly<Record<string, string>>): Promise<URL> => {
      const { next } = await step(target(page, action), page.url, new URLSearchParams(values))
      if (next === undefined) throw new Error('the form leads nowhere')
      return next
    },
  }
}

export type ScriptedBrowser = ReturnType<typeof createScriptedBrowser>

function isWithin(pathname: string, path: string): boolean {
  return path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}

interface RawAnswer {
  readonly status: number
  readonly setCookies: readonly string[]
  readonly location: string | undefined
  readonly html: string
}

/** `fetch` writes the Sec-Fetch headers itself, as a script would and not as a browser that navigates. */
function send(
  url: URL,
  headers: OutgoingHttpHeaders,
  from: URL | undefined,
  form: string | undefined,
): Promise<RawAnswer> {
  const formHeaders =
    form === undefined
      ? {}
      : {
          origin: from?.origin ?? 'null',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(form),
        }
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = ask(
      url,
      {
        method: form === undefined ? 'GET' : 'POST',
        headers: { ...headers, ...formHeaders },
        signal: AbortSignal.timeout(DEADLINE_MS),
      },
      (response) => {
        text(response).then((html) => {
          resolve({
            status: response.statusCode ?? 0,
            setCookies: response.headers['set-cookie'] ?? [],
            location: response.headers.location,
            html,
          })
        }, reject)
      },
    )
    request.on('error', reject)
    request.end(form)
  })
}
