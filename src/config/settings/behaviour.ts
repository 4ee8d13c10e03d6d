import { z } from 'zod'
import { integer } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** How it treats people, sites and its log. */
export const BEHAVIOUR_SETTINGS = {
  SESSION_SECONDS: setting({
    schema: integer(60, 7 * 86_400),
    summary:
      'How long a person stays signed in at the provider after the last request. A site asks for a fresh tap with `max_age`.',
    format: '60–604800',
    fallback: '28800',
  }),
  REQUESTS_PER_MINUTE: setting({
    schema: integer(1, 100_000),
    summary: 'Requests from one address to the agent’s API, and to the sign-in pages, a minute.',
    format: '1–100000',
    fallback: '120',
  }),
  CLIENT_REGISTRATION: setting({
    schema: z.enum(['off', 'token'], 'must be off or token'),
    summary:
      'Dynamic client registration (RFC 7591) at `/register`. `token`: with an initial access token of `sekisho client token`.',
    format: '`off` or `token`',
    fallback: 'off',
  }),
  DEFAULT_LOCALE: setting({
    schema: z.enum(['ja', 'en'], 'must be ja or en'),
    summary: 'The language for a browser that asks for neither.',
    format: '`ja` or `en`',
    fallback: 'ja',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be a level of pino'),
    summary: 'What is logged. No level logs a serial, certificate, signature or secret.',
    format: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    fallback: 'info',
  }),
} as const
