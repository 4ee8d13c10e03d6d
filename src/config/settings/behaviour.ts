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
    summary:
      'Requests from one address (of IPv6: one /64) to the agent’s API, and as many to the sign-in pages and to the account pages, a ' +
      'minute. Many people behind one address share it.',
    format: '1–100000',
    fallback: '120',
  }),
  TICKET_REQUESTS_PER_MINUTE: setting({
    schema: integer(5, 100_000),
    summary: 'Requests about one ticket at the agent’s API, and about one sign-in at its pages, a minute.',
    format: '5–100000',
    fallback: '30',
  }),
  CLIENT_TICKETS_PER_MINUTE: setting({
    schema: integer(1, 10_000_000),
    summary:
      'Tickets that are opened for one site, a minute: above its busiest one. A site that is flooded leaves room for others.',
    format: '1–10000000',
    fallback: '6000',
  }),
  CARD_SIGN_INS_PER_HOUR: setting({
    schema: integer(1, 1_000_000),
    summary: 'Taps of one card, an hour. Counted after the card’s signature was verified: nobody else can use them up.',
    format: '1–1000000',
    fallback: '60',
  }),
  AUDIT_KEEP_DAYS: setting({
    schema: integer(1, 36_500),
    summary:
      'Records of the audit log that are older are taken out, once an hour, by one server; their seals stay, each with a signed tombstone. ' +
      'Unset: they stay for good, or until `sekisho audit prune`. The role of DATABASE_URL must be allowed to (docs/operations.md).',
    format: '1–36500',
  }),
  CLIENT_REGISTRATION: setting({
    schema: z.enum(['off', 'token'], 'must be off or token'),
    summary:
      'Dynamic client registration (RFC 7591) at `/register`. `token`: with an initial access token of `sekisho client token`.',
    format: '`off` or `token`',
    fallback: 'off',
  }),
  AGENT_DOWNLOADS_DIR: setting({
    schema: z.string().min(1),
    summary:
      'Builds of the companion agent that the page `/agent` hands out: the folder that `npm run build:agent` made. Unset: the page tells how ' +
      'to install it, and offers none.',
    format: 'path',
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
