import { refreshOf } from './html-form.ts'

export interface Page {
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
export function createScriptedBrowser({ acceptLanguage }: { acceptLanguage: string }) {
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

  const request = async (url: URL, from: URL | undefined, body: URLSearchParams | undefined): Promise<Page> => {
    let current = url
    let form = body
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const response = await fetch(current, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(DEADLINE_MS),
        headers: {
          accept: 'text/html',
          'accept-language': acceptLanguage,
          cookie: cookieHeader(current),
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          'sec-fetch-site': from === undefined ? 'none' : from.origin === current.origin ? 'same-origin' : 'cross-site',
          ...(form === undefined ? {} : { origin: from?.origin ?? 'null' }),
        },
        ...(form === undefined ? {} : { body: form }),
      })
      keep(current, response.headers.getSetCookie())
      const html = await response.text()
      const next = response.headers.get('location') ?? refreshOf(html)
      if (next === undefined) return { url: current, status: response.status, html }
      current = new URL(next, current)
      form = undefined
    }
    throw new Error('the pages redirect in a circle')
  }

  return {
    open: (address: string): Promise<Page> => request(new URL(address), undefined, undefined),
    follow: (page: Page, href: string): Promise<Page> => request(new URL(href, page.url), page.url, undefined),
    submit: (page: Page, action: string, values: Readonly<Record<string, string>>): Promise<Page> =>
      request(new URL(action === '' ? page.url : action, page.url), page.url, new URLSearchParams(values)),
  }
}

export type ScriptedBrowser = ReturnType<typeof createScriptedBrowser>

function isWithin(pathname: string, path: string): boolean {
  return path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
