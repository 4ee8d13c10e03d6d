import {
  ACT_MS,
  SESSION_IDLE_MS,
  SESSION_LIFE_MS,
  TAP_GOOD_MS,
  type AdminSessionStore,
  type BegunSignIn,
  type PendingAct,
  type SignInPurpose,
} from '../administration/admin-session.ts'
import type { Role } from '../administration/role.ts'
import type { Database } from './database.ts'

const earlier = (at: Date, ms: number): Date => new Date(at.getTime() - ms)
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms)

/** What the console remembers of browsers, in PostgreSQL. */
export function createAdminSessionStore(database: Database): AdminSessionStore {
  return {
    async begin({ idDigest, accountId, credentialId, signOuts, providerSession }, at) {
      await database.query(
        `INSERT INTO admin_sessions
           (id_digest, account_id, credential_id, sign_outs, provider_session, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
        [idDigest, accountId, credentialId, signOuts, providerSession, at, later(at, SESSION_LIFE_MS)],
      )
    },

    async find(idDigest, at) {
      const { rows } = await database.query<{ account_id: string; credential_id: string; role: Role }>(FIND, [
        idDigest,
        at,
        earlier(at, SESSION_IDLE_MS),
      ])
      const [row] = rows
      return row && { accountId: row.account_id, credentialId: row.credential_id, role: row.role }
    },

    async end(idDigest) {
      await database.query('DELETE FROM admin_sessions WHERE id_digest = $1', [idDigest])
    },

    async endOf(accountId, providerSession) {
      await database.query(
        `DELETE FROM admin_sessions WHERE account_id = $1 AND ($2::text IS NULL OR provider_session = $2)`,
        [accountId, providerSession],
      )
    },

    async beginSignIn(secretDigest, { purpose, returnTo, startedAt, expiresAt }) {
      await database.query(
        `INSERT INTO admin_sign_ins
           (secret_digest, purpose, session_digest, act_id, invitation_digest, return_to, started_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          secretDigest,
          purpose.kind,
          purpose.kind === 'act' ? purpose.sessionDigest : null,
          purpose.kind === 'act' ? purpose.actId : null,
          purpose.kind === 'invitation' ? purpose.invitationDigest : null,
          returnTo,
          startedAt,
          expiresAt,
        ],
      )
    },

    async takeSignIn(secretDigest, at) {
      const { rows } = await database.query<SignInRow>(
        `DELETE FROM admin_sign_ins WHERE secret_digest = $1 RETURNING *, expires_at > $2 AS stands`,
        [secretDigest, at],
      )
      const [row] = rows
      return row?.stands === true ? signInOf(row) : undefined
    },

    async askAct(sessionDigest, { id, route, input, askedAt }) {
      await database.query(
        `INSERT INTO admin_pending_acts (id, session_digest, route, input, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, sessionDigest, route, JSON.stringify(input), askedAt, later(askedAt, ACT_MS)],
      )
    },

    async findAct(sessionDigest, actId, at) {
      const { rows } = await database.query<ActRow>(
        'SELECT * FROM admin_pending_acts WHERE id = $1 AND session_digest = $2 AND expires_at > $3',
        [actId, sessionDigest, at],
      )
      return rows[0] && actOf(rows[0])
    },

    async tapAct(sessionDigest, actId, { at, accountId, credentialId }) {
      const { rowCount } = await database.query(
        `UPDATE admin_pending_acts SET tapped_at = $3, credential_id = $5
         FROM admin_sessions AS session
         WHERE admin_pending_acts.id = $1 AND session_digest = $2 AND admin_pending_acts.expires_at > $3 AND tapped_at IS NULL
           AND session.id_digest = session_digest AND session.account_id = $4`,
        [actId, sessionDigest, at, accountId, credentialId],
      )
      return rowCount === 1
    },

    async takeAct(sessionDigest, actId, at) {
      const { rows } = await database.query<ActRow>(
        `DELETE FROM admin_pending_acts
         WHERE id = $1 AND session_digest = $2 AND expires_at > $3 AND tapped_at > $4 RETURNING *`,
        [actId, sessionDigest, at, earlier(at, TAP_GOOD_MS)],
      )
      return rows[0] && actOf(rows[0])
    },

    async deleteExpired(at, limit) {
      let deleted = 0
      for (const statement of EXPIRED) {
        const { rowCount } = await database.query(statement, [at, limit])
        deleted += rowCount ?? 0
      }
      return deleted
    },
  }
}

/**
 * The session, its role, its account and its card, as they are now: whoever lost one of them is out with the next request. A renewed
 * card (`superseded`) ends nothing.
 */
const FIND = `
  UPDATE admin_sessions AS session SET last_seen_at = greatest(last_seen_at, $2)
  FROM admins, accounts AS living, credentials, accounts AS home
  WHERE session.id_digest = $1 AND session.expires_at > $2 AND session.last_seen_at > $3
    AND admins.account_id = session.account_id
    AND living.id = session.account_id AND living.status = 'active'
    AND credentials.id = session.credential_id AND credentials.status IN ('current', 'superseded')
    AND home.id = credentials.account_id AND coalesce(home.merged_into, home.id) = living.id
    AND living.sign_outs + credentials.sign_outs = session.sign_outs
  RETURNING session.account_id, session.credential_id, admins.role`

const EXPIRED = [
  `DELETE FROM admin_sign_ins WHERE secret_digest IN (SELECT secret_digest FROM admin_sign_ins WHERE expires_at <= $1 LIMIT $2)`,
  `DELETE FROM admin_pending_acts WHERE id IN (SELECT id FROM admin_pending_acts WHERE expires_at <= $1 LIMIT $2)`,
  `DELETE FROM admin_sessions WHERE id_digest IN (
     SELECT id_digest FROM admin_sessions WHERE expires_at <= $1 OR last_seen_at <= $1::timestamptz - interval '${SESSION_IDLE_MS} ms' LIMIT $2)`,
  `DELETE FROM admin_invitations WHERE id IN (SELECT id FROM admin_invitations WHERE expires_at <= $1 LIMIT $2)`,
]

interface SignInRow {
  readonly purpose: SignInPurpose['kind']
  readonly session_digest: Buffer | null
  readonly act_id: string | null
  readonly invitation_digest: Buffer | null
  readonly return_to: string
  readonly started_at: Date
  readonly stands: boolean
}

function signInOf(row: SignInRow): BegunSignIn {
  return { purpose: purposeOf(row), returnTo: row.return_to, startedAt: row.started_at }
}

function purposeOf({
  purpose: kind,
  session_digest: sessionDigest,
  act_id: actId,
  invitation_digest,
}: SignInRow): SignInPurpose {
  if (kind === 'act' && sessionDigest !== null && actId !== null) return { kind, sessionDigest, actId }
  if (kind === 'invitation' && invitation_digest !== null) return { kind, invitationDigest: invitation_digest }
  if (kind === 'sign-in') return { kind }
  throw new Error('a row of admin_sign_ins that its checks forbid')
}

interface ActRow {
  readonly id: string
  readonly route: string
  readonly input: PendingAct['input']
  readonly asked_at: Date
  readonly tapped_at: Date | null
  readonly credential_id: string | null
}

function actOf(row: ActRow): PendingAct {
  return {
    id: row.id,
    route: row.route,
    input: row.input,
    askedAt: row.asked_at,
    tappedAt: row.tapped_at ?? undefined,
    credentialId: row.credential_id ?? undefined,
  }
}
