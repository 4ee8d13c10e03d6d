import type { AuditActor } from '../audit/audit-event.ts'
import type { ProposalState } from '../administration/proposal/proposal.ts'
import type { ProposalDecision, ProposalStore, ProposalTransaction } from '../administration/proposal/proposal-store.ts'
import { scopeOf } from '../administration/permissions.ts'
import type { Role } from '../administration/role.ts'
import { createAccountGraphStore } from './account-graph-store.ts'
import { STANDS } from './admin-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'
import { lockGraph } from './graph-lock.ts'
import { PROPOSAL_COLUMNS, proposalOf, valuesOf, type ProposalRow } from './proposal-rows.ts'

/** Proposals in PostgreSQL, with what is done to accounts in one transaction. */
export function createProposalStore(database: Database): ProposalStore {
  return {
    decide: (work) =>
      database.transaction(async (transaction) => {
        await lockGraph(transaction)
        return work(deciding(transaction))
      }),

    look: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
        return work(looking(transaction))
      }),

    async list({ state, accountIds }, { before, limit, at }) {
      const { rows } = await database.query<ProposalRow>(
        `SELECT ${PROPOSAL_COLUMNS} FROM link_proposals
         WHERE ($1::text IS NULL OR ${STATE_AT} = $1) AND ($3::uuid[] IS NULL OR account_ids && $3)
           AND ($4::bigint IS NULL OR sequence < $4)
         ORDER BY sequence DESC LIMIT $5`,
        [state, at, accountIds, before, limit],
      )
      return rows.map(proposalOf)
    },

    async countOpen(at) {
      const { rows } = await database.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM link_proposals WHERE state = 'open' AND expires_at > $1`,
        [at],
      )
      return rows[0]?.count ?? 0
    },

    closeExpired: (at, limit) =>
      database.transaction(async (transaction) => {
        const { rows } = await transaction.query<ExpiredRow>(
          `UPDATE link_proposals SET state = 'expired', closed_at = $1, closed_by = 'schedule'
           WHERE id IN (
             SELECT id FROM link_proposals WHERE state = 'open' AND expires_at <= $1
             ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
           ) RETURNING id, act, account_ids[1] AS account_id`,
          [at, limit],
        )
        const events = rows.map(({ id, act, account_id: accountId }) => {
          return { type: 'proposal.expired', accountId, proposalId: id, act } as const
        })
        await appendAuditEvents(transaction, events, at, 'schedule')
        return rows.length
      }),
  }
}

/** As `stateAt` says it. */
const STATE_AT = `CASE WHEN state = 'open' AND expires_at <= $2 THEN 'expired' ELSE state END`

interface ExpiredRow {
  readonly id: string
  readonly act: 'link' | 'unlink' | 'merge' | 'split' | 'suspend' | 'reopen' | 'close' | 'undo'
  readonly account_id: string
}

function looking(transaction: Queryable): ProposalTransaction {
  return {
    // its transactions are parts of this one
    graph: createAccountGraphStore({ ...transaction, transaction: (work) => work(transaction) }),

    async find(id) {
      const { rows } = await transaction.query<ProposalRow>(
        `SELECT ${PROPOSAL_COLUMNS} FROM link_proposals WHERE id = $1`,
        [id],
      )
      return rows[0] && proposalOf(rows[0])
    },

    async openAbout(accountIds, at) {
      const { rows } = await transaction.query<ProposalRow>(
        `SELECT ${PROPOSAL_COLUMNS} FROM link_proposals
         WHERE state = 'open' AND expires_at > $2 AND account_ids && $1 ORDER BY sequence`,
        [accountIds, at],
      )
      return rows.map(proposalOf)
    },

    async rolesInForce(accountIds) {
      const { rows } = await transaction.query<RoleRow>(
        `SELECT account_id, role FROM admins WHERE account_id = ANY ($1) AND ${STANDS}`,
        [accountIds],
      )
      return rolesOf(rows)
    },

    async program(clientId) {
      const { rows } = await transaction.query<{ keepers: readonly AuditActor[] }>(
        `SELECT array(
           SELECT added_by UNION
           SELECT actor FROM audit_events WHERE audit_events.client_id = $1 AND type IN ('client.changed', 'admin.api_client_changed')
         ) AS keepers
         FROM admin_api_clients JOIN clients USING (client_id)
         WHERE client_id = $1 AND $2 = ANY (scopes) AND disabled_at IS NULL`,
        [clientId, scopeOf('proposals.create')],
      )
      return rows[0]
    },

    async roles(accountIds) {
      const { rows } = await transaction.query<RoleRow>(
        'SELECT account_id, role FROM admins WHERE account_id = ANY ($1)',
        [accountIds],
      )
      return rolesOf(rows)
    },

    async ownersBeside(accountIds) {
      const { rows } = await transaction.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM admins WHERE role = 'owner' AND NOT account_id = ANY ($1) AND ${STANDS}`,
        [accountIds],
      )
      return rows[0]?.count ?? 0
    },

    async survivors(accountIds) {
      const { rows } = await transaction.query<{ id: string; survivor: string }>(
        'SELECT id, coalesce(merged_into, id) AS survivor FROM accounts WHERE id = ANY ($1)',
        [accountIds],
      )
      return new Map(rows.map(({ id, survivor }) => [id, survivor]))
    },
  }
}

interface RoleRow {
  readonly account_id: string
  readonly role: Role
}

function rolesOf(rows: readonly RoleRow[]): ReadonlyMap<string, Role> {
  return new Map(rows.map(({ account_id: accountId, role }) => [accountId, role]))
}

function deciding(transaction: Queryable): ProposalDecision {
  return {
    ...looking(transaction),

    async insert(proposal) {
      await transaction.query(
        `INSERT INTO link_proposals (id, act, details, reason, told_as, proposer, proposed_by, proposer_role, proposed_at,
           expires_at, needs, account_ids, seen, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
        valuesOf(proposal),
      )
    },

    async close(id, { state, at, by, reason, operationId }) {
      // who proposed it and could do it at once approved nothing
      const { rowCount } = await transaction.query(
        `UPDATE link_proposals SET state = $2, closed_at = $3, closed_by = $4, closing_reason = $5, operation_id = $6,
           executed_at = CASE WHEN $2 = 'executed' THEN $3::timestamptz END,
           approved_by = CASE WHEN $2 = 'executed' AND needs <> 'nobody' THEN $7::uuid END,
           approved_at = CASE WHEN $2 = 'executed' AND needs <> 'nobody' AND $7::uuid IS NOT NULL THEN $3::timestamptz END
         WHERE id = $1 AND state = 'open' AND expires_at > $3`,
        [id, state satisfies ProposalState, at, by.actor, reason, operationId, by.accountId],
      )
      return rowCount === 1
    },

    append: (event, at, actor: AuditActor) => appendAuditEvents(transaction, [event], at, actor),
  }
}
