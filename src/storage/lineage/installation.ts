import type pg from 'pg'
import type { KnownSchema } from '../schema/read-migrations.ts'
import { MIGRATIONS_TABLE } from '../schema/read-schema.ts'

type Asked = Pick<pg.ClientBase, 'query'>

/**
 * After a migration: which release did it, and what each file was. A row that is there keeps what it says of its origin; the first one
 * takes the database for what it is now.
 */
export async function recordInstallation(client: Asked, { migrations, release }: KnownSchema): Promise<void> {
  await client.query(
    `INSERT INTO installation (system_identifier, timeline, written_in, schema_release)
     SELECT ${SYSTEM_IDENTIFIER}, ${TIMELINE}, pg_current_xact_id(), $1
     ON CONFLICT (only_row) DO NOTHING`,
    [release],
  )
  // a row that was copied stays known as such: it goes on naming the transaction that first wrote it
  await client.query(
    `UPDATE installation
     SET schema_release = $1, written_in = CASE WHEN ${IS_OWN_ROW} THEN pg_current_xact_id() ELSE written_in END
     WHERE schema_release < $1`,
    [release],
  )
  await client.query(
    `UPDATE ${MIGRATIONS_TABLE} SET checksum = files.checksum
     FROM unnest($1::text[], $2::text[]) AS files (name, checksum)
     WHERE ${MIGRATIONS_TABLE}.name = files.name AND ${MIGRATIONS_TABLE}.checksum IS NULL`,
    [migrations.map(({ name }) => name), migrations.map(({ checksum }) => checksum)],
  )
}

/** The transaction that wrote this version of a table's row is the one that it names: nothing copied it. 32 bits of both. */
export const isOwnRow = (table: string): string =>
  `${table}.xmin::text::bigint = ${table}.written_in::text::bigint % 4294967296`
export const IS_OWN_ROW = isOwnRow('installation')

export const SYSTEM_IDENTIFIER = '(SELECT system_identifier::text FROM pg_control_system())'

/** The first eight digits of a WAL file's name (PostgreSQL 15, 28.3). */
export const TIMELINE = `(('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer)`
