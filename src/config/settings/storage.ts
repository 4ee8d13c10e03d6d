import { z } from 'zod'
import { flag, integer, postgresUrl } from '../setting-formats.ts'
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
  DATA_DIR: setting({
    schema: z.string().min(1),
    summary: 'The directory of the embedded database, for one process. Closed to other users (0700).',
    format: 'path',
    unset: '`.sekisho`; production: this or `DATABASE_URL` must be set',
  }),
} as const
