import { z } from 'zod'
import { integer, issuer } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** The administrators' console (docs/administration.md). */
export const ADMIN_SETTINGS = {
  ADMIN_ORIGIN: setting({
    schema: issuer,
    summary:
      'The address of the console, as administrators type it: best a host name of its own, reachable from your own network only. Without it ' +
      'there is no console and no admin API.',
    format: 'an origin, `https:` (`http:` for localhost only), other than `ISSUER`',
    unset: 'no console',
  }),
  ADMIN_HOST: setting({
    schema: z.string().min(1).max(253),
    summary: 'The address that the console listens on. TLS is the business of the proxy in front, as it is for `HOST`.',
    format: 'address or host name',
    fallback: '127.0.0.1',
  }),
  ADMIN_PORT: setting({
    schema: integer(1, 65_535),
    summary: 'The port that the console listens on.',
    format: '1–65535, other than `PORT` and `METRICS_PORT`',
    fallback: '3100',
  }),
} as const
