import { createServer } from 'node:http'
import { PROMETHEUS_TEXT } from '../../observability/metrics/combine-metrics.ts'
import { closeServer, listen } from '../http-server.ts'

/** Scrapers come every few seconds, one at a time. */
const GRACE_MS = 500
const REQUEST_TIMEOUT_MS = 5_000

/** `GET /metrics` on a port of its own: what is counted is nobody else's business. */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  toText: () => Promise<string>,
): Promise<{ close(): Promise<void> }> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8 * 1024 },
    (req, res) => {
      if (req.url !== '/metrics' || (req.method !== 'GET' && req.method !== 'HEAD')) {
        res.writeHead(404).end()
        return
      }
      toText().then(
        (text) => {
          res.writeHead(200, { 'content-type': PROMETHEUS_TEXT, 'cache-control': 'no-store' }).end(text)
        },
        () => {
          res.writeHead(503).end()
        },
      )
    },
  )
  await listen(server, host, port)
  return { close: () => closeServer(server, GRACE_MS) }
}
