import { z } from 'zod'
import type { AuditActor } from '../audit/audit-event.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { AccountGraphStore, GraphAct, GraphOperation, GraphSeeds } from '../subject/graph/account-graph-store.ts'
import { graphChangeSchema } from '../subject/graph/graph-change.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database } from './database.ts'
import { lockGraph } from './graph-lock.ts'
import { guardAdministrators } from './guard-administrators.ts'
import { readGraph } from './read-graph.ts'
import { signOut } from './sign-out.ts'
import { writeGraphChange } from './write-graph-change.ts'

const changesSchema = z.array(graphChangeSchema)

/** Accounts as they are changed by hand, in PostgreSQL. */
export function createAccountGraphStore(database: Pick<Database, 'query' | 'transaction'>): AccountGraphStore {
  return {
    async change(seeds, decide) {
      await database.transaction(async (transaction) => {
        await lockGraph(transaction)
        const { operation, event, signsOut, tells } = decide(await readGraph(transaction, seeds))
        const { at, actor, undoes } = operation
        if (undoes !== undefined) {
          // whoever asked before may have been waiting for the one who did it
          const { rowCount } = await transaction.query('SELECT FROM account_operations WHERE undoes = $1', [undoes])
          if (rowCount !== 0) throw new Refusal('ADMIN_OPERATION_REFUSED', 'it was undone already')
        }
        await guardAdministrators(transaction, operation.changes, async () => {
          for (const change of operation.changes) await writeGraphChange(transaction, change, { at, actor })
        })
        await transaction.query(
          `INSERT INTO account_operations (id, act, account_id, other_account_id, changes, reason, actor, at, undoes)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            operation.id,
            operation.act,
            operation.accountId,
            operation.otherAccountId,
            JSON.stringify(operation.changes),
            operation.reason,
            actor,
            at,
            operation.undoes,
          ],
        )
        if (tells !== undefined) {
          await transaction.query(TELL, [operation.id, operation.accountId, operation.otherAccountId, tells.reason])
        }
        await transaction.query(SETTLE_CANDIDATES, [at])
        for (const ending of signsOut) await signOut(transaction, ending, at)
        await appendAuditEvents(transaction, [event], at, actor)
      })
    },

    read: (seeds: GraphSeeds) => database.transaction((transaction) => readGraph(transaction, seeds)),

    async operation(id) {
      const { rows } = await database.query<OperationRow>(`${OPERATIONS} WHERE done.id = $1`, [id])
      return rows[0] && operationOf(rows[0])
    },

    async operations(accountIds) {
      const { rows } = await database.query<OperationRow>(
        `WITH survivors AS (SELECT coalesce(merged_into, id) AS id FROM accounts WHERE id = ANY ($1)),
           family AS (SELECT accounts.id FROM accounts, survivors WHERE survivors.id IN (accounts.id, accounts.merged_into))
         ${OPERATIONS}
         WHERE done.account_id IN (SELECT id FROM family) OR done.other_account_id IN (SELECT id FROM family)
         ORDER BY done.sequence DESC`,
        [accountIds],
      )
      return rows.map(operationOf)
    },

    async accountOfSubject(sub) {
      const { rows } = await database.query<{ account_id: string }>(
        `SELECT coalesce(accounts.merged_into, accounts.id) AS account_id
         FROM subjects JOIN accounts ON accounts.id = subjects.account_id WHERE subjects.sub = $1`,
        [sub],
      )
      return rows[0]?.account_id
    },

    async mergeCandidates(limit) {
      const { rows } = await database.query<CandidateRow>(
        `SELECT id, account_id, other_account_id, found_at FROM merge_candidates
         WHERE settled_at IS NULL ORDER BY found_at, id LIMIT $1`,
        [limit],
      )
      return rows.map((row) => ({
        id: row.id,
        accountId: row.account_id,
        otherAccountId: row.other_account_id,
        foundAt: row.found_at,
      }))
    },
  }
}

/** What was done is told to whoever signs in next, to either account. */
const TELL = `
  INSERT INTO account_notices (operation_id, account_id, reason)
  SELECT $1, account_id, $4 FROM unnest(ARRAY[$2, $3]::uuid[]) AS account_id WHERE account_id IS NOT NULL`

/** Those whose accounts are one by now. */
const SETTLE_CANDIDATES = `
  UPDATE merge_candidates SET settled_at = $1
  FROM accounts AS one, accounts AS other
  WHERE settled_at IS NULL AND one.id = account_id AND other.id = other_account_id
    AND coalesce(one.merged_into, one.id) = coalesce(other.merged_into, other.id)`

const OPERATIONS = `
  SELECT done.id, done.act, done.account_id, done.other_account_id, done.changes, done.reason, done.actor, done.at, done.undoes,
    undoing.id AS undone_by
  FROM account_operations AS done LEFT JOIN account_operations AS undoing ON undoing.undoes = done.id`

interface OperationRow {
  readonly id: string
  readonly act: GraphAct
  readonly account_id: string
  readonly other_account_id: string | null
  readonly changes: unknown
  readonly reason: string
  readonly actor: AuditActor
  readonly at: Date
  readonly undoes: string | null
  readonly undone_by: string | null
}

interface CandidateRow {
  readonly id: string
  readonly account_id: string
  readonly other_account_id: string
  readonly found_at: Date
}

function operationOf(row: OperationRow): GraphOperation & { readonly undoneBy: string | undefined } {
  return {
    id: row.id,
    act: row.act,
    accountId: row.account_id,
    otherAccountId: row.other_account_id ?? undefined,
    changes: changesSchema.parse(row.changes),
    reason: row.reason,
    actor: row.actor,
    at: row.at,
    undoes: row.undoes ?? undefined,
    undoneBy: row.undone_by ?? undefined,
  }
}
