import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What stands in front of several instances: each request goes to the next one. */
export interface Balancer {
  /** The public address. */
  readonly url: string
  /** From now on these; requests under way end where they are. */
  use(...instances: readonly string[]): void
  close(): Promise<void>
}

export async function startBalancer(): Promise<Balancer> {
  let instances: readonly string[] = []
  let turn = 0
  const server: Server = createServer((req, res) => {
    const instance = instances[turn++ % instances.length]
    if (instance === undefined) {
      res.writeHead(503).end()
      return
    }
    const onward = request(
      new URL(req.url ?? '/', instance),
      { method: req.method, headers: { ...req.headers, ...forwarded(req) } },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(res)
      },
    )
    onward.on('error', () => {
      if (!res.headersSent) res.writeHead(502)
      res.end()
    })
    req.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    use: (...next) => {
      instances = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** What a proxy says of whom it speaks for. */
function forwarded({ headers, socket }: IncomingMessage): Record<string, string> {
  return {
    'x-forwarded-for': socket.remoteAddress ?? '',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': headers.host ?? '',
  }
}
