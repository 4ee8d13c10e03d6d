import { request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** `data-page` of the page. */
  readonly page: string | undefined
  /** `data-code` of the page. */
  readonly code: string | undefined
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

/** One HTTP request with exactly these headers: what no browser would send, too. `Host` is the real one unless given. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const options = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port,
      path: `${pathname}${search}`,
      method,
      agent: false as const,
    }
    const sent = request(
      { ...options, headers: { ...headers, ...lengthOf(body) } as Record<string, string> },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const [, page, code] = /<main data-page="([^"]*)"(?: data-code="([^"]*)")?/.exec(text) ?? []
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, page, code })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends a form of a page as the person's browser would: its hidden fields, our Origin. */
export function submit(
  page: Answer,
  base: string,
  formId: string,
  typed: Record<string, string> = {},
  extra: Ask = {},
) {
  const [, attributes = '', inner = ''] =
    new RegExp(`<form id="${formId}"([^>]*)>([\\s\\S]*?)</form>`).exec(page.text) ?? []
  const action = /action="([^"]*)"/.exec(attributes)?.[1]
  if (action === undefined) throw new Error(`the page has no form ${formId}`)
  const fields = new URLSearchParams()
  for (const [, name = '', value = ''] of inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    fields.append(name, value)
  }
  for (const [name, value] of Object.entries(typed)) fields.append(name, value)
  return ask(`${base}${action}`, {
    method: 'POST',
    body: extra.body ?? fields.toString(),
    headers: { origin: base, 'content-type': 'application/x-www-form-urlencoded', ...extra.headers },
  })
}

/** The value of a hidden field of a page. */
export function fieldOf(page: Answer, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? ''
}

/** What the script of a page asks: is there another page to show instead? */
export function watch(page: Answer, base: string, extra: Ask = {}): Promise<Answer> {
  const seen = /data-seen="([^"]*)"/.exec(page.text)?.[1] ?? ''
  return ask(`${base}/sign-in/watch`, {
    method: 'POST',
    body: new URLSearchParams({ token: fieldOf(page, 'token'), seen }).toString(),
    headers: {
      origin: base,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      'sec-fetch-dest': 'empty',
      ...extra.headers,
    },
  })
}

/** Where the page sends the browser on. */
export function completionOf(page: Answer): string | undefined {
  return /<a [^>]*id="continue" data-completion href="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
}
