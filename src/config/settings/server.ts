import { z } from 'zod'
import { flag, integer, issuer } from '../setting-formats.ts'
import { setting } from '../setting.ts'

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
    schema: flag,
    summary:
      'Believe `X-Forwarded-For`, `-Proto` and `-Host` of exactly one proxy in front. Without a proxy anyone may forge them.',
    format: '`1` or `0`',
    fallback: '0',
  }),
} as const
