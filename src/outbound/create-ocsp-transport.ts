import type { OcspTransport } from '../certificate/revocation/ocsp/create-ocsp-source.ts'
import type { OutboundClient, OutboundRequest } from './create-outbound-client.ts'
import { CAUSE_OF_FAULT, OutboundFault } from './outbound-fault.ts'

export interface OcspTransportOptions {
  readonly client: OutboundClient
  /** Of the responder, from the configuration; without a slash at the end. */
  readonly url: string
  /** `GET` for responders that hand out prepared answers through caches (RFC 5019 §5). */
  readonly method: 'POST' | 'GET'
}

/** RFC 6960 appendix A.1: GET is for requests that stay below this in base64; longer ones go by POST. */
const MAX_GET_CHARACTERS = 255

/** OCSP over HTTP. @see RFC 6960 appendix A, RFC 5019 §5 */
export function createOcspTransport({ client, url, method }: OcspTransportOptions): OcspTransport {
  return {
    async ask(requestDer) {
      try {
        const { status, body } = await client.send(buildRequest(url.replace(/\/$/, ''), method, requestDer))
        return status === 200 ? body : 'source-http-error'
      } catch (error) {
        if (error instanceof OutboundFault) return CAUSE_OF_FAULT[error.reason]
        throw error
      }
    },
  }
}

function buildRequest(url: string, method: 'POST' | 'GET', requestDer: Uint8Array): OutboundRequest {
  const headers = { accept: 'application/ocsp-response' }
  const path = Buffer.from(requestDer).toString('base64')
  if (method === 'GET' && path.length < MAX_GET_CHARACTERS) {
    return { method, url: `${url}/${encodeURIComponent(path)}`, headers }
  }
  return { method: 'POST', url, headers: { ...headers, 'content-type': 'application/ocsp-request' }, body: requestDer }
}
