import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { GENERATIONS, LATER_GENERATIONS } from '../certificate/certificate-authority.ts'
import { PURPOSES } from '../certificate/distinguished-names.ts'
import type { VirtualJpki } from '../create-virtual-jpki.ts'
import { answerLinkageRequest } from './answer-linkage-request.ts'
import { answerControl } from './control.ts'
import { answer, plainText, type HttpAnswer } from './http-answer.ts'
import { readBody } from './read-body.ts'
import { sendAnswer } from './send-answer.ts'

export interface VirtualJpkiServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** Cuts what is still under way, slow answers included. */
  close(): Promise<void>
}

/**
 * Serves
 * - `POST /ocsp`, `GET /ocsp/{base64}` (RFC 6960 appendix A.1)
 * - `GET /crl/{authentication|signature}.crl` of the newest CA, `…-{1|2|3}.crl` of any generation
 * - `GET /anchors/{name}`, PEM
 * - `POST /linkage/previous`, `/linkage/person`, `/linkage/token` (docs/linkage-operator.md)
 * - `GET|POST /control/misbehaviour {"ocsp"?, "crl"?, "linkage"?}`, `POST /control/revocation {"persona", "reason"?}`,
 *   `POST /control/events {"event", "persona"}`, `GET /control/people`, loopback only
 */
export async function serveVirtualJpki(
  jpki: VirtualJpki,
  address: { readonly host?: string; readonly port?: number } = {},
): Promise<VirtualJpkiServer> {
  const { host = '127.0.0.1', port = 0 } = address
  const server = createServer((request, response) => {
    answerRequest(jpki, request)
      .then((made) => sendAnswer(response, made))
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

async function answerRequest(jpki: VirtualJpki, request: IncomingMessage): Promise<HttpAnswer> {
  const path = pathOf(request)
  if (path.startsWith('/control/')) return answerControl(jpki, request, path)
  if (path.startsWith('/linkage/')) return answerLinkageRequest(jpki, request, path)
  if (path === '/ocsp' && request.method === 'POST') return answerOcspPost(jpki, request)
  if (request.method !== 'GET') return plainText(405, 'GET only')
  if (path.startsWith('/ocsp/')) return jpki.answerOcsp(Buffer.from(path.slice('/ocsp/'.length), 'base64'))
  if (path.startsWith('/crl/')) return answerCrlGet(jpki, path.slice('/crl/'.length))
  if (path.startsWith('/anchors/')) return answerAnchorGet(jpki, path.slice('/anchors/'.length))
  return plainText(404, 'nothing here')
}

/** Decoded path, without query. Not through URL, which would tidy up what looks like `//` or `..` within base64. */
const pathOf = (request: IncomingMessage): string => decodeURIComponent((request.url ?? '/').replace(/\?.*$/, ''))

async function answerOcspPost(jpki: VirtualJpki, request: IncomingMessage): Promise<HttpAnswer> {
  const [mediaType] = (request.headers['content-type'] ?? '').split(';')
  if (mediaType?.trim() !== 'application/ocsp-request') return plainText(415, 'application/ocsp-request only')
  const body = await readBody(request)
  return body === undefined ? plainText(413, 'request too large') : jpki.answerOcsp(body)
}

async function answerCrlGet(jpki: VirtualJpki, file: string): Promise<HttpAnswer> {
  for (const purpose of PURPOSES) {
    if (file === `${purpose}.crl`) return jpki.answerCrl({ purpose })
    const made = [...GENERATIONS, ...LATER_GENERATIONS].filter((generation) =>
      jpki.anchors[purpose].some(({ name }) => name.endsWith(`0${generation}.pem`)),
    )
    for (const generation of made) {
      if (file === `${purpose}-${generation}.crl`) return jpki.answerCrl({ purpose, generation })
    }
  }
  return plainText(404, 'no such list')
}

function answerAnchorGet(jpki: VirtualJpki, name: string): HttpAnswer {
  const found = [...jpki.anchors.authentication, ...jpki.anchors.signature].find((anchor) => anchor.name === name)
  return found === undefined
    ? plainText(404, 'no such anchor')
    : answer('application/pem-certificate-chain', Buffer.from(found.pem))
}

/** Only for what cannot be read at all, such as a path with a broken percent sign. */
function refuse(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(400)
  response.end()
}
