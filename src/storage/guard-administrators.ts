import { accountsThatGain } from '../administration/rights-gained.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { GraphChange } from '../subject/graph/graph-change.ts'
import { STANDS } from './admin-store.ts'
import type { Queryable } from './database.ts'

/**
 * What is done to accounts must not decide by the way who administers, whoever asks for it: the console, the command line, or the person
 * at their own page. The caller holds the graph alone.
 *
 * @param write the changes
 * @throws Refusal ADMIN_ACCOUNT_HAS_ROLE: an account, or a card of another one, would come to have the rights of an administrator;
 *   ADMIN_LAST_OWNER: no owner would be left who can sign in
 */
export async function guardAdministrators(
  transaction: Queryable,
  changes: readonly GraphChange[],
  write: () => Promise<void>,
): Promise<void> {
  const before = await countOwners(transaction)
  const gaining = accountsThatGain(changes)
  const { rowCount } = await transaction.query('SELECT FROM admins WHERE account_id = ANY ($1)', [gaining])
  if (rowCount !== 0) throw new Refusal('ADMIN_ACCOUNT_HAS_ROLE')
  await write()
  if (before > 0 && (await countOwners(transaction)) === 0) throw new Refusal('ADMIN_LAST_OWNER')
}

async function countOwners(transaction: Queryable): Promise<number> {
  const { rows } = await transaction.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM admins WHERE role = 'owner' AND ${STANDS}`,
  )
  return rows[0]?.count ?? 0
}
