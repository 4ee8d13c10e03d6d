import type { Queryable } from '../database.ts'
import { COLUMNS_TO_UPDATE, rightsOn, type RightsOptions } from './server-rights.ts'

/**
 * Statements that give a role what a server needs and take from it everything else, for the schema as it is now: to be said again after each
 * migration. They are the owner's to run.
 *
 * @param role the name of a role that is there
 */
export async function describeGrants(
  database: Queryable,
  role: string,
  options: RightsOptions,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ schema: string; to: string; tables: readonly string[] }>(
    `SELECT quote_ident(current_schema()) AS schema, quote_ident($1) AS to,
       array(SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename) AS tables`,
    [role],
  )
  const { schema, to, tables } = rows[0] ?? { schema: 'public', to: role, tables: [] }
  return [
    `GRANT USAGE ON SCHEMA ${schema} TO ${to}`,
    `REVOKE CREATE ON SCHEMA ${schema} FROM ${to}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${to}`,
    // the names are our own migrations'
    ...tables.flatMap((table) => [
      `REVOKE ALL ON ${schema}.${table} FROM ${to}`,
      `GRANT ${rightsOn(table, options).join(', ')} ON ${schema}.${table} TO ${to}`,
      ...(COLUMNS_TO_UPDATE[table] === undefined
        ? []
        : [`GRANT UPDATE (${COLUMNS_TO_UPDATE[table].join(', ')}) ON ${schema}.${table} TO ${to}`]),
    ]),
  ]
}
