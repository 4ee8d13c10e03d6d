import { z } from 'zod'
import { integer, postgresUrl } from '../setting-formats.ts'
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
  DATA_DIR: setting({
    schema: z.string().min(1),
    summary: 'The directory of the embedded database, for one process. Closed to other users (0700).',
    format: 'path',
    unset: '`.sekisho`; production: this or `DATABASE_URL` must be set',
  }),
} as const
