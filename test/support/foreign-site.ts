import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' }

/** A website of somebody else, at another host than the provider's `localhost`. */
export interface ForeignSite extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
}

/** Serves what it is told, each page under the same Content-Security-Policy. */
export async function startForeignSite(
  contentSecurityPolicy: string,
  files: Readonly<Record<string, string>>,
): Promise<ForeignSite> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname
    const file = files[path]
    response.writeHead(file === undefined ? 404 : 200, {
      'Content-Type': TYPES[extname(path)] ?? 'text/html; charset=utf-8',
      'Content-Security-Policy': contentSecurityPolicy,
    })
    response.end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
