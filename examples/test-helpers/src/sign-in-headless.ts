import { request, type OutgoingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'

export type HeadlessOutcome =
  /** Your site's page, after it took the response; whether it let anybody in is for your test to see. */
  | { readonly arrived: true; readonly url: URL; readonly html: string; readonly cookies: Cookies }
  /** A code of docs/errors.md, or of the agent; `PIN_WRONG` is typed no second time. */
  | { readonly arrived: false; readonly code: string }

/** Name and value, by host: cookies know no ports. */
export type Cookies = Map<string, Map<string, string>>

interface Page {
  readonly url: URL
  readonly html: string
}

/** Forms of the provider and of the agent, in the order in which they are looked for on a page. */
const FORMS = ['use-card', 'consent', 'confirm-form', 'pin-form', 'leave-form'] as const
const MAX_STEPS = 20

/**
 * Signs in at your site without a browser: docs/testing-your-site.md, step by step. `fetch` will not do: it says of itself that it is
 * a script (`Sec-Fetch-Mode`), and the agent listens to navigations only.
 *
 * @param start your site's own address that begins the sign-in
 */
export async function signInHeadless({
  start,
  pin = '1234',
  cookies = new Map(),
}: {
  readonly start: string
  readonly pin?: string
  readonly cookies?: Cookies
}): Promise<HeadlessOutcome> {
  const site = new URL(start).origin
  let page = await open(new URL(start), cookies)
  let isTyped = false
  for (let step = 0; step < MAX_STEPS; step++) {
    const code = attribute(page.html, 'data-error-code')
    if (code !== undefined) return { arrived: false, code }
    const onward = /<a\b[^>]*\bid="continue"[^>]*>/.exec(page.html)?.[0]
    const form = FORMS.map((id) => formOf(page.html, id)).find((found) => found !== undefined)
    if (onward !== undefined) page = await open(new URL(attribute(onward, 'href') ?? '', page.url), cookies)
    else if (form?.id === 'pin-form' && isTyped) return { arrived: false, code: 'PIN_WRONG' }
    else if (form !== undefined) {
      isTyped ||= form.id === 'pin-form'
      const fields = form.id === 'pin-form' ? { ...form.fields, pin } : form.fields
      page = await open(new URL(form.action, page.url), cookies, { from: page.url, fields })
    } else if (page.url.origin === site) return { arrived: true, ...page, cookies }
    else return { arrived: false, code: /<code>([A-Z_]+)<\/code>/.exec(page.html)?.[1] ?? 'UNKNOWN_PAGE' }
  }
  throw new Error('the sign-in does not end')
}

/** One request and every redirect after it. A form says where it comes from, as browsers do. */
async function open(
  address: URL,
  cookies: Cookies,
  form?: { readonly from: URL; readonly fields: Readonly<Record<string, string>> },
): Promise<Page> {
  const jar = cookies.get(address.hostname) ?? new Map<string, string>()
  cookies.set(address.hostname, jar)
  const body = form && new URLSearchParams(form.fields).toString()
  const answer = await send(address, body, {
    accept: 'text/html',
    cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    ...(form && { origin: form.from.origin, 'content-type': 'application/x-www-form-urlencoded' }),
  })
  for (const line of answer.cookies) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /;\s*max-age=0|;\s*expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
  return answer.location === undefined
    ? { url: address, html: answer.html }
    : open(new URL(answer.location, address), cookies)
}

function send(address: URL, body: string | undefined, headers: OutgoingHttpHeaders) {
  return new Promise<{ location: string | undefined; cookies: readonly string[]; html: string }>((resolve, reject) => {
    const sent = request(address, { method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      text(response).then((html) => {
        resolve({ location: response.headers.location, cookies: response.headers['set-cookie'] ?? [], html })
      }, reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Of a page whose attributes all stand in double quotes, as those of the provider and the agent do. */
function formOf(html: string, id: string) {
  const [, tag, content = ''] = new RegExp(`(<form\\b[^>]*\\bid="${id}"[^>]*>)([\\s\\S]*?)</form>`).exec(html) ?? []
  if (tag === undefined) return undefined
  const hidden = [...content.matchAll(/<(?:input|button)\b[^>]*>/g)].map(([input]) => input)
  const fields = hidden
    .filter((input) => attribute(input, 'name') !== undefined && attribute(input, 'value') !== undefined)
    .map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''] as const)
  return { id, action: attribute(tag, 'action') ?? '', fields: Object.fromEntries(fields) }
}

function attribute(html: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#34;', '"')
}
