import { z } from 'zod'
import { flag, host, httpUrl, integer, issuer, list, octets, postgresUrl, versionedKeys } from './setting-formats.ts'

/** One key of the environment. */
export interface Setting<Value> {
  readonly schema: z.ZodType<Value, string>
  /** What it does; a row of docs/config.md. */
  readonly summary: string
  /** How it is written. */
  readonly format: string
  /** The text that stands in when the key is not set. */
  readonly fallback?: string
  /** What happens without it, where that is not a text. */
  readonly unset?: string
  /** Never shown; may come from the file that `NAME_FILE` names. */
  readonly secret?: true
}

const setting = <Value>(description: Setting<Value>): Setting<Value> => description
const MADE_ONCE = 'development: made once, kept in `DATA_DIR/secrets.json`; production: must be set'

/** Every key there is, in the order of docs/config.md. */
export const SETTINGS = {
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

  DATABASE_URL: setting({
    schema: postgresUrl,
    summary: 'PostgreSQL 15 or newer. Not together with `DATA_DIR`.',
    format: '`postgres://user:password@host:port/database`',
    unset: 'the embedded database',
    secret: true,
  }),
  DATABASE_MAX_CONNECTIONS: setting({
    schema: integer(1, 1000),
    summary: 'Connections of one process to PostgreSQL at most.',
    format: '1–1000',
    fallback: '10',
  }),
  DATA_DIR: setting({
    schema: z.string().min(1),
    summary: 'The directory of the embedded database, for one process. Closed to other users (0700).',
    format: 'path',
    unset: '`.sekisho`; production: this or `DATABASE_URL` must be set',
  }),

  COOKIE_KEYS: setting({
    schema: list(z.string().min(32, 'must be at least 32 characters each')),
    summary:
      'Sign the cookies. The first signs, all are accepted: put a new one in front, drop the last after a session’s life.',
    format: 'comma-separated, at least 32 characters each',
    unset: MADE_ONCE,
    secret: true,
  }),
  HANDLE_PEPPER: setting({
    schema: versionedKeys,
    summary:
      'Keys the digest by which a card is known. **Lost, and every account is lost.** The first is written, all are looked for; ' +
      'to change it: `1:…` → `1:…,2:…` → `2:…,1:…`, each on every process before the next step.',
    format: '`VERSION:BASE64[,VERSION:BASE64…]`, 32–64 octets each',
    unset: MADE_ONCE,
    secret: true,
  }),
  KEY_ENCRYPTION_KEY: setting({
    schema: list(octets(32, 32)),
    summary:
      'Encrypts the provider’s private keys in the database (AES-256-GCM). The first encrypts, all decrypt; to change it: ' +
      '`old` → `old,new` → `new,old`, each on every process before the next step; then `sekisho key reseal`, then `new`.',
    format: 'comma-separated, 32 octets in base64 each',
    unset: MADE_ONCE,
    secret: true,
  }),
  SIGNING_KEY_DAYS: setting({
    schema: integer(2, 3650),
    summary: 'How long one key signs tokens. The next one is made and put to use by itself.',
    format: '2–3650',
    fallback: '90',
  }),
  SIGNING_KEY_PUBLISH_AHEAD_DAYS: setting({
    schema: integer(1, 365),
    summary: 'How long a new key is in the JWKS before it signs: longer than any site keeps a JWKS.',
    format: '1–365, less than `SIGNING_KEY_DAYS`',
    fallback: '7',
  }),

  TRUST_ANCHORS_DIR: setting({
    schema: z.string().min(1),
    summary: 'CA certificates whose cards are accepted.',
    format: 'path',
    unset: '`trust/jpki` of this installation',
  }),
  UNSAFE_TRUST_VIRTUAL_JPKI: setting({
    schema: flag,
    summary: 'Accept cards of the virtual JPKI: anyone can make one. Never where a real person signs in.',
    format: '`1` or `0`',
    fallback: '0',
  }),

  REVOCATION_SOURCES: setting({
    schema: list(z.enum(['ocsp', 'crl', 'operator', 'none'], 'must be ocsp, crl, operator or none')),
    summary:
      'Where revocation is asked, in this order; the next one only when the one before is unavailable. `none` stands alone: ' +
      'then only sites that allow unchecked certificates can be signed in to, and their tokens say so.',
    format: 'comma-separated: `ocsp`, `crl`, `operator`; or `none`',
    unset: 'must be set',
  }),
  OCSP_URL: setting({
    schema: httpUrl,
    summary: 'The OCSP responder. An address in a certificate is never followed.',
    format: 'http(s) address',
    unset: 'must be set for `ocsp`',
  }),
  OCSP_NONCE: setting({
    schema: z.enum(['required', 'optional', 'none'], 'must be required, optional or none'),
    summary:
      'Whether an OCSP answer must repeat our nonce. `none` for responders with pre-produced answers (RFC 5019).',
    format: '`required`, `optional` or `none`',
    fallback: 'required',
  }),
  CRL_PATH: setting({
    schema: z.string().min(1),
    summary: 'A CRL, or a directory of them.',
    format: 'path',
    unset: 'this or `CRL_URL` must be set for `crl`',
  }),
  CRL_URL: setting({
    schema: httpUrl,
    summary: 'Where the CRL is fetched. Not together with `CRL_PATH`.',
    format: 'http(s) address',
    unset: '—',
  }),
  OPERATOR_URL: setting({
    schema: httpUrl,
    summary: 'The service of a certified platform operator.',
    format: 'http(s) address',
    unset: 'must be set for `operator`',
  }),
  OPERATOR_TOKEN_URL: setting({
    schema: httpUrl,
    summary: 'Token endpoint of the operator (OAuth client credentials). With `OPERATOR_CLIENT_ID` and `_SECRET`.',
    format: 'http(s) address',
    unset: 'no OAuth',
  }),
  OPERATOR_CLIENT_ID: setting({
    schema: z.string().min(1),
    summary: 'Our name at the operator’s token endpoint.',
    format: 'text',
    unset: '—',
  }),
  OPERATOR_CLIENT_SECRET: setting({
    schema: z.string().min(1),
    summary: 'Our secret at the operator’s token endpoint.',
    format: 'text',
    unset: '—',
    secret: true,
  }),
  OPERATOR_TLS_CERTIFICATE: setting({
    schema: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be PEM'),
    summary: 'Our certificate for mutual TLS with the operator. With `OPERATOR_TLS_KEY`.',
    format: 'PEM; better in the file of `OPERATOR_TLS_CERTIFICATE_FILE`',
    unset: 'no mutual TLS',
    secret: true,
  }),
  OPERATOR_TLS_KEY: setting({
    schema: z.string().includes('PRIVATE KEY-----', 'must be PEM'),
    summary: 'The private key of it.',
    format: 'PEM; better in the file of `OPERATOR_TLS_KEY_FILE`',
    unset: '—',
    secret: true,
  }),
  LINKAGE_SOURCE: setting({
    schema: z.enum(['none', 'operator'], 'must be none or operator'),
    summary:
      'Who is asked which certificate an unknown card replaces (docs/linkage-operator.md). With `none`, people who renewed their ' +
      'card come back by hand-over code or through an administrator.',
    format: '`none` or `operator`',
    fallback: 'none',
  }),
  LINKAGE_URL: setting({
    schema: httpUrl,
    summary: 'The linkage service of a certified platform operator; `/previous` or `/person` is appended.',
    format: 'http(s) address, `https://…/linkage`',
    unset: 'must be set for `operator`',
  }),
  LINKAGE_STYLE: setting({
    schema: z.enum(['previous', 'person'], 'must be previous or person'),
    summary:
      'What is asked: the certificate before (one question a step), or the operator’s name for the person (one question).',
    format: '`previous` or `person`',
    fallback: 'previous',
  }),
  LINKAGE_TOKEN_URL: setting({
    schema: httpUrl,
    summary: 'Token endpoint of the operator (OAuth client credentials). With `LINKAGE_CLIENT_ID` and `_SECRET`.',
    format: 'http(s) address',
    unset: 'no OAuth',
  }),
  LINKAGE_CLIENT_ID: setting({
    schema: z.string().min(1),
    summary: 'Our name at that token endpoint.',
    format: 'text',
    unset: '—',
  }),
  LINKAGE_CLIENT_SECRET: setting({
    schema: z.string().min(1),
    summary: 'Our secret at that token endpoint.',
    format: 'text',
    unset: '—',
    secret: true,
  }),
  LINKAGE_TLS_CERTIFICATE: setting({
    schema: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be PEM'),
    summary: 'Our certificate for mutual TLS with the linkage service. With `LINKAGE_TLS_KEY`.',
    format: 'PEM; better in the file of `LINKAGE_TLS_CERTIFICATE_FILE`',
    unset: 'no mutual TLS',
    secret: true,
  }),
  LINKAGE_TLS_KEY: setting({
    schema: z.string().includes('PRIVATE KEY-----', 'must be PEM'),
    summary: 'The private key of it.',
    format: 'PEM; better in the file of `LINKAGE_TLS_KEY_FILE`',
    unset: '—',
    secret: true,
  }),
  UNKNOWN_CARDS: setting({
    schema: z.enum(['new', 'ask'], 'must be new or ask'),
    summary:
      'What an unknown card means while `LINKAGE_SOURCE` is `none`: a new account at once, or the question whether the person ' +
      'renewed their card or is new here.',
    format: '`new` or `ask`',
    fallback: 'ask',
  }),
  OUTBOUND_INTRANET_HOSTS: setting({
    schema: list(host),
    summary:
      'Hosts of the addresses above that are on your own network. All others must have public addresses, whatever DNS says.',
    format: 'comma-separated host names',
    unset: 'none',
  }),

  CLIENT_INTRANET_HOSTS: setting({
    schema: list(host),
    summary:
      'Hosts on your own network where registered clients may have addresses that this server asks or tells: `jwksUri`, `backchannelLogoutUri`, `sectorIdentifierUri`.',
    format: 'comma-separated host names',
    unset: 'none: public addresses only',
  }),

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

export type SettingName = keyof typeof SETTINGS

/** A value for each key that was set, or has a text to stand in. */
export type SettingValues = {
  readonly [Name in SettingName]: z.infer<(typeof SETTINGS)[Name]['schema']> | undefined
}
