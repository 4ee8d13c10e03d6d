import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Someone has the port: another agent of this user, of another user, or a stranger. */
export class PortBusy extends Error {
  override readonly name = 'PortBusy'
  readonly port: number

  constructor(port: number) {
    super(`port ${String(port)} is busy`)
    this.port = port
  }
}

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** For port 0: how often to look for a number that is free on both addresses. */
const ATTEMPTS = 10

/**
 * Listens on 127.0.0.1 and on ::1, and on nothing else. Both must be had, else somebody could wait on the other; a computer
 * without IPv6 has no other.
 *
 * @throws PortBusy
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<Listening> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await listen(listener, '127.0.0.1', port)
    const chosen = (first.address() as AddressInfo).port
    try {
      const second = await listen(listener, '::1', chosen).catch(ignoreMissingIpv6)
      return { port: chosen, close: () => closeAll(second === undefined ? [first] : [first, second]) }
    } catch (error) {
      await closeAll([first])
      if (port !== 0 || !(error instanceof PortBusy) || attempt === ATTEMPTS) throw error
    }
  }
}

function listen(listener: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 5_000 }, listener)
  server.maxConnections = 64
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? new PortBusy(port) : error)
    })
    server.listen({ host, port, exclusive: true, ipv6Only: host === '::1' }, () => {
      resolve(server)
    })
  })
}

function ignoreMissingIpv6(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return undefined
  throw error
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => {
            resolve()
          })
          server.closeAllConnections()
        }),
    ),
  )
}
