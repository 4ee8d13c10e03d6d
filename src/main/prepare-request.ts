import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TrustProxy } from '../config/trust-proxy.ts'
import type { RequestContext } from '../observability/request-context.ts'
import { createClientAddress } from './client-address.ts'

/** What a proxy may have called a request, so that its log and ours can be laid side by side. */
const REQUEST_ID = /^[\w.-]{8,64}$/

/**
 * Makes of a request what it is: its host and scheme are the issuer's whatever it calls them, its `X-Forwarded-For` is one address, the
 * client's. After this express and oidc-provider both believe "their proxy", which is this function, and cannot disagree.
 *
 * @param issuer an origin: what this server is called
 */
export function createRequestPreparation({
  issuer,
  trustProxy,
}: {
  readonly issuer: string
  readonly trustProxy: TrustProxy
}): (req: IncomingMessage) => RequestContext {
  const { host, protocol } = new URL(issuer)
  const isHttps = protocol === 'https:'
  const scheme = protocol.slice(0, -1)
  const clientAddress = createClientAddress(trustProxy)

  return (req) => {
    const { headers, socket } = req
    const sender = clientAddress(socket.remoteAddress, textOf(headers['x-forwarded-for']))
    const saidId = sender.isProxied ? textOf(headers['x-request-id']) : undefined
    const saidScheme = isHttps && sender.isProxied ? textOf(headers['x-forwarded-proto']) : undefined
    const context: RequestContext = {
      requestId: saidId !== undefined && REQUEST_ID.test(saidId) ? saidId : randomUUID(),
      arrival: {
        saysHttp: saidScheme?.split(',', 1)[0]?.trim() === 'http',
        otherHost: headers.host === host ? undefined : headers.host?.slice(0, 255),
      },
    }
    // oidc-provider writes addresses, and reads audiences of assertions, with the host that a request names: a forged one
    // would put another's endpoints into a discovery document that a cache keeps (attacks.md 10)
    headers.host = host
    delete headers['x-forwarded-host']
    delete headers['x-forwarded-port']
    delete headers.forwarded
    if (sender.address !== undefined) headers['x-forwarded-for'] = sender.address
    else delete headers['x-forwarded-for']
    headers['x-forwarded-proto'] = scheme
    // TLS ends at the proxy: without this its word alone would decide whether addresses say https: and cookies are secure
    if (isHttps && !isEncrypted(socket)) Object.assign(socket, { encrypted: true })
    return context
  }
}

function isEncrypted(socket: Socket): boolean {
  return (socket as { readonly encrypted?: unknown }).encrypted === true
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header
}
