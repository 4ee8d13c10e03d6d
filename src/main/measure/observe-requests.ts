import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics/create-metrics.ts'

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
  'api',
  'link',
  'register',
  'assets',
  'health',
])

/** Of a status, by its first digit. */
const CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx']

/**
 * Times every request, and at `debug` writes a line for each. The status is its class, `2xx`; `gone`: the client left before the answer.
 * Of the path only its first word is told: the rest may be a ticket or the id of an interaction.
 */
export function observeRequests(
  metrics: Pick<Metrics, 'request'>,
  log: Pick<Log, 'debug' | 'isLevelEnabled'>,
): (req: IncomingMessage, res: ServerResponse, segment: string) => void {
  return (req, res, segment) => {
    const begunAt = performance.now()
    // it is said once
    res.on('close', () => {
      const route = ROUTES.has(segment) ? segment : segment === '' ? 'home' : 'other'
      const status = res.writableFinished ? (CLASSES[Math.floor(res.statusCode / 100)] ?? 'gone') : 'gone'
      const ms = performance.now() - begunAt
      metrics.request({ route, status }, ms / 1000)
      if (!log.isLevelEnabled('debug')) return
      const { method } = req
      const requestId = res.getHeader('X-Request-Id')
      log.debug({ requestId, method, route, status: res.statusCode, ms: Math.round(ms) }, 'answered')
    })
  }
}
