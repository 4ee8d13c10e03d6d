import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { VirtualJpki } from '../create-virtual-jpki.ts'
import type { HttpAnswer } from './http-answer.ts'
import { readBody } from './read-body.ts'
import { sendAnswer } from './send-answer.ts'

export interface VirtualJpkiServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** Cuts what is still under way, slow answers included. */
  close(): Promise<void>
}

/** Serves OCSP by POST and GET (RFC 6960 appendix A.1). */
export async function serveVirtualJpki(
  jpki: VirtualJpki,
  address: { readonly host?: string; readonly port?: number } = {},
): Promise<VirtualJpkiServer> {
  const { host = '127.0.0.1', port = 0 } = address
  const server = createServer((request, response) => {
    answerRequest(jpki, request)
      .then((answer) => sendAnswer(response, answer))
      .catch(() => refuse(response))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((fault) => (fault === undefined ? resolve() : reject(fault)))
        server.closeAllConnections()
      }),
  }
}

const text = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: Buffer.from(`${body}\n`),
  delayMs: 0,
})

async function answerRequest(jpki: VirtualJpki, request: IncomingMessage): Promise<HttpAnswer> {
  const { pathname } = new URL(request.url ?? '/', 'http://virtual-jpki.invalid')
  if (pathname === '/ocsp' && request.method === 'POST') {
    if (request.headers['content-type'] !== 'application/ocsp-request')
      return text(415, 'application/ocsp-request only')
    const body = await readBody(request)
    return body === undefined ? text(413, 'request too large') : jpki.answerOcsp(body)
  }
  if (pathname.startsWith('/ocsp/') && request.method === 'GET') {
    return jpki.answerOcsp(Buffer.from(decodeURIComponent(pathname.slice('/ocsp/'.length)), 'base64'))
  }
  return text(404, 'nothing here')
}

function refuse(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(400)
  response.end()
}
