import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from '../../observability/metrics/create-metrics.ts'
import { firstSegmentOf } from '../http-server.ts'

/** First path segments that are a label; every other one is `other`, so that nobody who makes up paths makes up series. */
const ROUTES = new Set([
  'auth',
  'token',
  'me',
  'jwks',
  'session',
  'request',
  '.well-known',
  'interaction',
  'agent',
  'account',
  'register',
  'assets',
  'health',
])

/** Times every request. The status is its class, `2xx`; `gone`: the client left before the answer. */
export function observeRequests(
  metrics: Pick<Metrics, 'request'>,
): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const begunAt = performance.now()
    // now: express takes the path apart on the way
    const segment = firstSegmentOf(req.url ?? '/')
    res.once('close', () => {
      const route = ROUTES.has(segment) ? segment : segment === '' ? 'home' : 'other'
      const status = res.writableFinished ? `${Math.floor(res.statusCode / 100)}xx` : 'gone'
      metrics.request({ route, status }, (performance.now() - begunAt) / 1000)
    })
  }
}
