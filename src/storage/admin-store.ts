import type { Administrator, AdminPlan, AdminState, AdminStore, Invitation } from '../administration/admin-store.ts'
import type { Role } from '../administration/role.ts'
import type { AuditActor } from '../audit/audit-event.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'
import { lockGraph } from './graph-lock.ts'

/** Administrators in PostgreSQL. They are decided about under the same lock as accounts, whose standing is part of the rules. */
export function createAdminStore(database: Database): AdminStore {
  return {
    change: (at, decide, tokenDigest) =>
      database.transaction(async (transaction) => {
        await lockGraph(transaction)
        const brought = tokenDigest && (await readInvitation(transaction, tokenDigest, at))
        const plan = decide(await readState(transaction, at), brought)
        await write(transaction, plan, at)
        return plan
      }),
    read: (at) => readState(database, at),
    roleOf: async (accountId) => {
      const { rows } = await database.query<{ role: Role }>(
        `SELECT role FROM admins WHERE account_id = $1 AND ${STANDS}`,
        [accountId],
      )
      return rows[0]?.role
    },
    invitation: (tokenDigest, at) => readInvitation(database, tokenDigest, at),
  }
}

async function write(transaction: Queryable, plan: AdminPlan, at: Date): Promise<void> {
  const { actor, put = [], remove = [], invite, endInvitation, events } = plan
  for (const { accountId, role, grantedBy } of put) {
    await transaction.query(
      `INSERT INTO admins (account_id, role, granted_by, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id) DO UPDATE SET role = excluded.role, granted_by = excluded.granted_by, at = excluded.at`,
      [accountId, role, grantedBy, at],
    )
  }
  await transaction.query('DELETE FROM admins WHERE account_id = ANY ($1)', [remove])
  await transaction.query('DELETE FROM admin_sessions WHERE account_id = ANY ($1)', [remove])
  if (invite !== undefined) {
    await transaction.query(
      `INSERT INTO admin_invitations (id, token_digest, role, is_first, made_by, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [invite.id, invite.tokenDigest, invite.role, invite.isFirst, invite.madeBy, invite.createdAt, invite.expiresAt],
    )
  }
  if (endInvitation !== undefined)
    await transaction.query('DELETE FROM admin_invitations WHERE id = $1', [endInvitation])
  await appendAuditEvents(transaction, events, at, actor)
}

async function readState(queryable: Queryable, at: Date): Promise<AdminState> {
  const administrators = await queryable.query<AdministratorRow>(
    `SELECT admins.account_id, admins.role, admins.granted_by, admins.at, ${STANDS} AS stands,
       (SELECT max(audit.at) FROM audit_events audit WHERE audit.account_id = admins.account_id AND audit.type = 'admin.signed_in')
         AS last_signed_in_at
     FROM admins ORDER BY admins.at, admins.account_id`,
  )
  const invitations = await queryable.query<InvitationRow>(
    'SELECT * FROM admin_invitations WHERE expires_at > $1 ORDER BY created_at, id',
    [at],
  )
  return {
    administrators: administrators.rows.map(administratorOf),
    invitations: invitations.rows.map(invitationOf),
  }
}

async function readInvitation(queryable: Queryable, digest: Uint8Array, at: Date): Promise<Invitation | undefined> {
  const { rows } = await queryable.query<InvitationRow>(
    'SELECT * FROM admin_invitations WHERE token_digest = $1 AND expires_at > $2',
    [digest, at],
  )
  return rows[0] && invitationOf(rows[0])
}

/** Of a row of `admins`: its account is active, itself and not what it was merged into, and has a card that signs in. */
export const STANDS = `EXISTS (
  SELECT FROM accounts AS living
  JOIN accounts AS home ON coalesce(home.merged_into, home.id) = living.id
  JOIN credentials ON credentials.account_id = home.id AND credentials.status = 'current' AND credentials.kind <> 'card-sign'
  WHERE living.id = admins.account_id AND living.status = 'active')`

interface AdministratorRow {
  readonly account_id: string
  readonly role: Role
  readonly granted_by: string | null
  readonly at: Date
  readonly stands: boolean
  readonly last_signed_in_at: Date | null
}

interface InvitationRow {
  readonly id: string
  readonly role: Role
  readonly is_first: boolean
  readonly made_by: AuditActor
  readonly created_at: Date
  readonly expires_at: Date
}

function administratorOf(row: AdministratorRow): Administrator {
  return {
    accountId: row.account_id,
    role: row.role,
    grantedBy: row.granted_by ?? undefined,
    at: row.at,
    stands: row.stands,
    lastSignedInAt: row.last_signed_in_at ?? undefined,
  }
}

function invitationOf(row: InvitationRow): Invitation {
  return {
    id: row.id,
    role: row.role,
    isFirst: row.is_first,
    madeBy: row.made_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
