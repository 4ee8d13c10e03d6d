import { z } from 'zod'
import { integer, issuer } from '../setting-formats.ts'
import { setting } from '../setting.ts'
import { trustProxy } from '../trust-proxy.ts'

/** Where the server is, and how it runs. */
export const SERVER_SETTINGS = {
  NODE_ENV: setting({
    schema: z.enum(['production', 'development', 'test'], 'must be production, development or test'),
    summary: 'In `production` nothing is made up: issuer, storage and every secret must be set.',
    format: '`production`, `development` or `test`',
    fallback: 'development',
  }),
  ISSUER: setting({
    schema: issuer,
    summary:
      'The address of this provider: `iss` of every token, and part of what a card signs. Never changes once in use.',
    format: 'an origin, `https:` (`http:` for localhost only)',
    unset: '`http://localhost:PORT`; production: must be set',
  }),
  HOST: setting({
    schema: z.string().min(1).max(253),
    summary: 'The address to listen on.',
    format: 'address or host name',
    fallback: '127.0.0.1',
  }),
  PORT: setting({
    schema: integer(1, 65_535),
    summary: 'The port to listen on. TLS is the business of the proxy in front.',
    format: '1–65535',
    fallback: '3000',
  }),
  TRUST_PROXY: setting({
    schema: trustProxy,
    summary:
      'Whose `X-Forwarded-For` and `X-Request-Id` are believed: so many proxies one behind the other, or whoever asks from these ' +
      'networks. `tls-only`: TLS ends in front at something that adds no header. With an `https:` issuer it must be said.',
    format: '`0`, `1`–`9`, CIDR blocks and `loopback`, `linklocal`, `uniquelocal`, or `tls-only`',
    fallback: '0',
  }),
  WEB_CONCURRENCY: setting({
    schema: integer(1, 64),
    summary: 'Worker processes on this machine; not with the embedded database.',
    format: '1–64',
    fallback: '1',
  }),
  DRAIN_SECONDS: setting({
    schema: integer(0, 300),
    summary:
      'When told to stop: for so long readiness answers 503 while requests are still served, until every balancer has looked.',
    format: '0–300',
    unset: '5 in production, else 0',
  }),
  STOP_SECONDS: setting({
    schema: integer(1, 300),
    summary: 'Afterwards requests under way have so long to end. Both together: less than what the supervisor waits.',
    format: '1–300',
    fallback: '20',
  }),
  METRICS_PORT: setting({
    schema: integer(1, 65_535),
    summary: 'Where Prometheus reads `/metrics`: a port of its own, of all workers together.',
    format: '1–65535, other than `PORT`',
    unset: 'no metrics are served',
  }),
  METRICS_HOST: setting({
    schema: z.string().min(1).max(253),
    summary: 'The address to serve metrics on. They tell how much is used: not for the public.',
    format: 'address or host name',
    fallback: '127.0.0.1',
  }),
} as const
