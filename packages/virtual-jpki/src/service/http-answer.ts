/** What a service of the PKI sends back: the in-process callers see the same thing as the HTTP ones. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Time that passes before the first octet. */
  readonly delayMs: number
  /** Sent in chunks, with no Content-Length to believe in. */
  readonly withoutLength?: boolean
  /** When set, the body goes out one octet at a time with this pause between them. */
  readonly dripIntervalMs?: number
  /** The connection is cut instead. */
  readonly cut?: boolean
}

export const answer = (
  contentType: string,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({ status: 200, headers: { 'content-type': contentType, ...headers }, body, delayMs: 0 })

export const plainText = (status: number, text: string): HttpAnswer => ({
  ...answer('text/plain; charset=utf-8', Buffer.from(`${text}\n`)),
  status,
})

export const json = (message: unknown, status = 200): HttpAnswer => ({
  ...answer('application/json', Buffer.from(JSON.stringify(message))),
  status,
})
