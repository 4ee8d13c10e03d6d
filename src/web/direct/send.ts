import type { ServerResponse } from 'node:http'
import express from 'express'
import ejs from 'ejs'
import type { Exchange } from './exchange.ts'

/** Whatever headers were set before stay. Text leaves in one piece with them. */
export function sendText(res: ServerResponse, type: string, text: string): void {
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.end(text)
}

export function sendPage(res: ServerResponse, html: string): void {
  sendText(res, 'text/html; charset=utf-8', html)
}

export function sendJson(res: ServerResponse, text: string): void {
  sendText(res, 'application/json; charset=utf-8', text)
}

/**
 * 303: whatever the request was, what comes next is fetched.
 *
 * @param address encoded already: nothing in it is what somebody typed
 */
export function redirect({ req, res }: Pick<Exchange, 'req' | 'res'>, address: string): void {
  res.statusCode = 303
  res.setHeader('Location', address)
  res.setHeader('Vary', 'Accept')
  const kind = readableAs(req)
  if (kind === 'html') {
    const shown = ejs.escapeXML(address)
    sendPage(
      res,
      `<!DOCTYPE html><head><title>See Other</title></head><body><p>See Other. Redirecting to ${shown}</p></body>`,
    )
  } else if (kind === 'text') {
    sendText(res, 'text/plain; charset=utf-8', `See Other. Redirecting to ${address}`)
  } else {
    res.setHeader('Content-Length', 0)
    res.end()
  }
}

/** Looks at the headers alone: it needs no request of express. */
// eslint-disable-next-line @typescript-eslint/unbound-method
const accepts = express.request.accepts as (this: Exchange['req'], ...kinds: string[]) => unknown

/** For whoever does not go on by itself. Most say it in one of two ways; for all others RFC 9110 §12.5.1 is asked. */
function readableAs(req: Exchange['req']): 'html' | 'text' | undefined {
  const { accept } = req.headers
  if (accept === undefined || accept === '*/*') return 'text'
  const found = accepts.call(req, 'text', 'html')
  return found === 'html' || found === 'text' ? found : undefined
}
