import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { TrustProxy } from '../config/trust-proxy.ts'
import { runInRequest } from '../observability/request-context.ts'
import { createRequestPreparation } from './prepare-request.ts'

/** First path segments that belong to oidc-provider (its `routes`, and RFC 8414 / OpenID Discovery documents). */
const OIDC_PATHS = new Set(['auth', 'token', 'me', 'jwks', 'session', 'request', '.well-known'])

export interface HttpServerDependencies {
  /** An origin: what this server is called, whatever a request calls it. */
  readonly issuer: string
  readonly trustProxy: TrustProxy
  /** Answers by itself; what its promise says is of no use here. */
  readonly oidc: (...args: Parameters<RequestListener>) => unknown
  readonly pages: RequestListener
  /** Told of every request as it begins. @param segment of its path, the first */
  readonly observe?: (req: IncomingMessage, res: ServerResponse, segment: string) => void
  /** From then on every answer asks its client to come back on another connection, and so to another process. */
  readonly isStopping?: () => boolean
}

/** One request line and its headers must arrive within this time: slow senders hold nothing open (attacks.md 18). */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Node looks at the two times above only so often; left alone, every 30 s. */
const CHECK_INTERVAL_MS = 2_000
const MAX_HEADER_BYTES = 16 * 1024

/**
 * The server: OpenID paths go straight to oidc-provider, everything else to our pages. Express in front of a Koa application
 * costs more than many of the requests themselves (performance.md).
 */
export function createHttpServer(deps: HttpServerDependencies): Server {
  const { oidc, pages, observe, isStopping } = deps
  const prepare = createRequestPreparation(deps)
  return createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (req, res) => {
      const context = prepare(req)
      res.setHeader('X-Request-Id', context.requestId)
      if (isStopping?.() === true) res.setHeader('Connection', 'close')
      const segment = firstSegmentOf(req.url ?? '/')
      observe?.(req, res, segment)
      runInRequest(context, OIDC_PATHS.has(segment) ? oidc : pages, req, res)
    },
  )
}

export function isOidcPath(target: string): boolean {
  return OIDC_PATHS.has(firstSegmentOf(target))
}

export function firstSegmentOf(target: string): string {
  for (let end = 1; end < target.length; end++) {
    const character = target[end]
    if (character === '/' || character === '?' || character === '#') return target.slice(1, end)
  }
  return target.slice(1)
}

/** @throws PortTaken when another program listens there */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (fault: NodeJS.ErrnoException) => {
      reject(fault.code === 'EADDRINUSE' ? new PortTaken(port) : fault)
    })
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

export class PortTaken extends Error {
  override readonly name = 'PortTaken'
  readonly port: number
  constructor(port: number) {
    super(`port ${port} is taken by another program`)
    this.port = port
  }
}

/** Stops taking requests, lets those under way end, and cuts what still hangs after `graceMs`: then `onCut` is told. */
export async function closeServer(server: Server, graceMs = 2000, onCut?: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => {
    onCut?.()
    server.closeAllConnections()
  }, graceMs)
  await closed
  clearTimeout(timer)
}
