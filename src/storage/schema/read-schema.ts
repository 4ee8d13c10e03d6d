import type pg from 'pg'
import type { SchemaOfDatabase } from './judge-schema.ts'

/** Of node-pg-migrate; its columns, and our `checksum` (migration 0012). */
export const MIGRATIONS_TABLE = 'schema_migrations'

type Asked = Pick<pg.ClientBase, 'query'>

/** What has been applied; changes nothing, not even on an empty database. */
export async function readSchema(client: Asked): Promise<SchemaOfDatabase> {
  const { rows: tables } = await client.query<{ migrations: string | null; installation: string | null }>(
    'SELECT to_regclass($1)::text AS migrations, to_regclass($2)::text AS installation',
    [MIGRATIONS_TABLE, 'installation'],
  )
  const [found] = tables
  if (typeof found?.migrations !== 'string') return { applied: [], release: undefined }
  // as JSON, because releases before 0012 have no such column
  const { rows } = await client.query<{ name: string; checksum: string | null }>(
    `SELECT name, to_jsonb(${MIGRATIONS_TABLE}) ->> 'checksum' AS checksum FROM ${MIGRATIONS_TABLE} ORDER BY run_on, id`,
  )
  const applied = rows.map(({ name, checksum }) => ({ name, checksum: checksum ?? undefined }))
  if (typeof found.installation !== 'string') return { applied, release: undefined }
  const { rows: written } = await client.query<{ schema_release: number }>('SELECT schema_release FROM installation')
  return { applied, release: written[0]?.schema_release }
}
