import { z } from 'zod'
import { flag, integer, postgresUrl, redisUrl } from '../setting-formats.ts'
import { setting } from '../setting.ts'

/** Where it remembers. */
export const STORAGE_SETTINGS = {
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
  DATABASE_STANDBYS: setting({
    schema: z.enum(['none', 'synchronous'], 'must be none or synchronous'),
    summary:
      'Whether a standby that is promoted has every commit. With `none`, a database on a new timeline is taken for one that was ' +
      'restored, and nothing is served from it until `sekisho recover`.',
    format: '`none` or `synchronous`',
    fallback: 'none',
  }),
  MIGRATE_AT_START: setting({
    schema: flag,
    summary:
      'Whether a server brings the schema up to its release when it starts; of several, one does. With `0` it refuses to start until ' +
      '`sekisho migrate up` was run.',
    format: '`1` or `0`',
    fallback: '1',
  }),
  REDIS_URL: setting({
    schema: redisUrl,
    summary:
      'Redis 7 or newer, or Valkey, for all that is short-lived: sessions, codes, tokens, tickets, rate limits. Its `maxmemory-policy` must ' +
      'be `noeviction`. `rediss` is TLS; `+sentinel` names the sentinels and the master, `+cluster` some nodes of the cluster. Special ' +
      'characters of user and password are percent-encoded.',
    format:
      '`redis://user:password@host:port/database`, `redis+sentinel://user:password@host:port,host:port/master-name/database`, ' +
      '`redis+cluster://user:password@host:port,host:port`; each also with `rediss`',
    unset: 'PostgreSQL keeps it',
    secret: true,
  }),
  REDIS_TLS_CA: setting({
    schema: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be PEM'),
    summary: 'The authority that signed the certificates of Redis (and of its sentinels), when it is not a public one.',
    format: 'PEM; better in the file of `REDIS_TLS_CA_FILE`',
    unset: 'public authorities',
    secret: true,
  }),
  REDIS_SENTINEL_PASSWORD: setting({
    schema: z.string().min(1),
    summary: 'What the sentinels themselves ask for.',
    format: 'text',
    unset: 'nothing',
    secret: true,
  }),
  DATA_DIR: setting({
    schema: z.string().min(1),
    summary: 'The directory of the embedded database, for one process. Closed to other users (0700).',
    format: 'path',
    unset: '`.sekisho`; production: this or `DATABASE_URL` must be set',
  }),
} as const
