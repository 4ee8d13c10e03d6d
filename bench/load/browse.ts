import { refreshOf } from '../../src/main/demo/html-form.ts'
import { createCookieJar } from './cookie-jar.ts'
import { reasonIn, UnexpectedAnswer, type Answer, type Connection } from './http-connection.ts'

/** A browser that nobody used before, on one connection to one site. */
export interface Browser {
  /** Requests so far. */
  readonly requests: number
  open(path: string): Promise<Answer>
  /** Submits a form of a page of this site. */
  submit(path: string, body: string): Promise<Answer>
}

/** Only pages and redirects are answers here. */
const PAGE_OR_REDIRECT = [200, 302, 303]

export function openBrowser(connection: Connection, origin: string): Browser {
  const jar = createCookieJar()
  let requests = 0
  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    more: Record<string, string>,
    body?: string,
  ): Promise<Answer> => {
    requests += 1
    const cookie = jar.header(path.split('?', 1)[0] ?? path)
    const answer = await connection.ask({
      method,
      path,
      headers: {
        accept: 'text/html',
        'accept-language': 'ja',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        'sec-fetch-site': method === 'GET' ? 'none' : 'same-origin',
        ...(cookie === '' ? {} : { cookie }),
        ...more,
      },
      ...(body === undefined ? {} : { body }),
      expect: PAGE_OR_REDIRECT,
    })
    jar.keep(answer.headers['set-cookie'])
    return answer
  }
  return {
    get requests() {
      return requests
    },
    open: (path) => ask('GET', path, {}),
    submit: (path, body) => ask('POST', path, { origin, 'content-type': 'application/x-www-form-urlencoded' }, body),
  }
}

/** Where an answer leads: by its header, or by a page that goes on by itself (docs/adr/0002). */
export function leadOf(answer: Answer, origin: string): URL {
  const { location } = answer.headers
  const target = typeof location === 'string' ? location : refreshOf(answer.text)
  if (target === undefined) throw new UnexpectedAnswer(`it leads nowhere: ${answer.status} ${reasonIn(answer.text)}`)
  return new URL(target, origin)
}
