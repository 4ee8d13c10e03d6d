import { Client } from 'undici'

/** An answer of a server, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One keep-alive connection: one request after the other. */
export interface Connection {
  ask(request: Request): Promise<Answer>
  close(): Promise<void>
}

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** What counts as success; anything else ends the run. */
  readonly expect: number | readonly number[]
}

/** A server that is stuck must not hold up the bench. */
const DEADLINE_MS = 15_000

/** An answer that is no success. The run it belongs to is worth nothing. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer'
}

export function openConnection(origin: string): Connection {
  const client = new Client(origin, { pipelining: 1, bodyTimeout: DEADLINE_MS, headersTimeout: DEADLINE_MS })
  return {
    ask: async ({ method, path, headers = {}, body, expect }) => {
      const {
        statusCode,
        headers: theirs,
        body: stream,
      } = await client.request({
        method,
        path,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      const text = await stream.text()
      if (![expect].flat().includes(statusCode)) {
        const [plainPath = path] = path.split('?', 1)
        throw new UnexpectedAnswer(`${method} ${plainPath}: ${statusCode} ${reasonIn(text)}`)
      }
      return { status: statusCode, headers: theirs, text }
    },
    close: () => client.destroy(),
  }
}

/** The code of one of our pages, or the error of an endpoint. */
export function reasonIn(text: string): string {
  return /data-error-code="(\w+)"/.exec(text)?.[1] ?? text.slice(0, 200)
}

export function form(parameters: Readonly<Record<string, string>>): {
  readonly headers: Record<string, string>
  readonly body: string
} {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(parameters).toString(),
  }
}
