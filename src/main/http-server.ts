import { createServer, type RequestListener, type Server } from 'node:http'

/** First path segments that belong to oidc-provider (its `routes`, and RFC 8414 / OpenID Discovery documents). */
const OIDC_PATHS = new Set(['auth', 'token', 'me', 'jwks', 'session', 'request', '.well-known'])

export interface HttpServerDependencies {
  /** An origin: what this server is called, whatever a request calls it. */
  readonly issuer: string
  /** Answers by itself; what its promise says is of no use here. */
  readonly oidc: (...args: Parameters<RequestListener>) => unknown
  readonly pages: RequestListener
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
export function createHttpServer({ issuer, oidc, pages }: HttpServerDependencies): Server {
  const { host, protocol } = new URL(issuer)
  return createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (req, res) => {
      // oidc-provider writes addresses, and reads audiences of assertions, with the host that a request names: a forged one
      // would put another's endpoints into a discovery document that a cache keeps (attacks.md 10)
      req.headers.host = host
      delete req.headers['x-forwarded-host']
      // TLS ends at the proxy: without this its word alone would decide whether addresses say https: and cookies are secure
      if (protocol === 'https:') Object.assign(req.socket, { encrypted: true })
      ;(isOidcPath(req.url ?? '/') ? oidc : pages)(req, res)
    },
  )
}

export function isOidcPath(target: string): boolean {
  const [segment = ''] = target.slice(1).split(/[/?#]/, 1)
  return OIDC_PATHS.has(segment)
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

/** Stops taking requests, lets those under way end, and cuts what still hangs after `graceMs`. */
export async function closeServer(server: Server, graceMs = 2000): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => {
    server.closeAllConnections()
  }, graceMs)
  await closed
  clearTimeout(timer)
}
