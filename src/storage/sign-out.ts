import { createHash } from 'node:crypto'
import type { SignOut } from '../subject/graph/account-graph-store.ts'
import type { Queryable } from './database.ts'
import { putSignOut } from './pending-sign-outs.ts'
import { putLogoutNotices, type WrittenLogoutNotice } from './logout-notices.ts'

/** oidc-provider's session, as far as its end concerns others. */
interface SessionPayload {
  readonly uid?: string
  readonly authorizations?: Readonly<
    Record<string, { readonly sid?: string; readonly grantId?: string; readonly persistsLogout?: boolean }>
  >
}

/**
 * Ends the sessions and grants of an account, with all codes and tokens of those grants, and writes down which sites have to be told
 * (OpenID Connect Back-Channel Logout): in one transaction with what ended them, whichever process that is. With a `credentialId` only
 * what came of its taps; a tap that is not on record counts as one of them.
 */
export async function signOut(transaction: Queryable, signedOut: SignOut, at: Date): Promise<void> {
  const { accountId, credentialId } = signedOut
  // decides, from the moment of its commit, wherever sessions and tokens are kept (standing/)
  await transaction.query(
    credentialId === undefined
      ? // a tap that was under way during a merge is of the account that went (standing/)
        'UPDATE accounts SET sign_outs = sign_outs + 1 WHERE id = $1 OR merged_into = $1'
      : 'UPDATE credentials SET sign_outs = sign_outs + 1 WHERE id = $1',
    [credentialId ?? accountId],
  )
  await putSignOut(transaction, signedOut, at)
  const { rows } = await transaction.query<ArtifactRow>(
    credentialId === undefined ? OF_ACCOUNT : OF_CREDENTIAL,
    credentialId === undefined ? [accountId] : [accountId, credentialId],
  )
  const sessions = rows.filter(({ model }) => model === 'Session')
  await endArtifacts(transaction, {
    accountId,
    at,
    sessions,
    grants: [
      ...rows.flatMap(({ grant_digest: digest }) => digest ?? []),
      ...sessions.flatMap((session) => grantsOf(session, () => true)),
    ],
  })
}

/**
 * As a log-out does: the grants of the session go with it, but for those that were asked to outlive it (offline_access).
 *
 * @param reference SHA-256 of the session's uid
 * @returns false when it is not there any more
 */
export async function endSession(
  transaction: Queryable,
  { accountId, reference }: { readonly accountId: string; readonly reference: Uint8Array },
  at: Date,
): Promise<boolean> {
  const { rows: sessions } = await transaction.query<ArtifactRow>(ONE_SESSION, [accountId, reference])
  const grants = sessions.flatMap((session) => grantsOf(session, ({ persistsLogout }) => persistsLogout !== true))
  await endArtifacts(transaction, { accountId, at, sessions, grants })
  return sessions.length > 0
}

/**
 * Ends what a site holds of an account. The person stays signed in at the provider.
 *
 * @returns false when there was nothing
 */
export async function disconnectSite(
  transaction: Queryable,
  { accountId, clientId }: { readonly accountId: string; readonly clientId: string },
  at: Date,
): Promise<boolean> {
  const { rows: grants } = await transaction.query<ArtifactRow>(GRANTS_AT_SITE, [accountId, clientId])
  if (grants.length === 0) return false
  const { rows: sessions } = await transaction.query<ArtifactRow>(SESSIONS, [accountId])
  const gone = await deleteGrants(
    transaction,
    grants.flatMap(({ grant_digest: digest }) => digest ?? []),
  )
  const sids = sessions.flatMap(({ payload }) => payload.authorizations?.[clientId]?.sid ?? [])
  const notices =
    sids.length > 0 ? sids.map((sessionId) => ({ clientId, accountId, sessionId })) : noticesOf(gone, accountId)
  await putLogoutNotices(transaction, notices, at)
  return true
}

interface Ending {
  readonly accountId: string
  readonly at: Date
  readonly sessions: readonly ArtifactRow[]
  readonly grants: readonly Uint8Array[]
}

async function endArtifacts(transaction: Queryable, { accountId, at, sessions, grants }: Ending): Promise<void> {
  await transaction.query(`DELETE FROM oidc_artifacts WHERE model = 'Session' AND id_digest = ANY ($1)`, [
    sessions.map(({ id_digest: digest }) => digest),
  ])
  const gone = await deleteGrants(transaction, grants)
  const notices: WrittenLogoutNotice[] = sessions.flatMap(({ payload }) =>
    Object.entries(payload.authorizations ?? {}).map(([clientId, { sid }]) => ({
      clientId,
      accountId,
      ...(sid === undefined ? {} : { sessionId: sid }),
    })),
  )
  // a site whose grant outlived the session that it came from: its tokens still name that one
  const told = new Set(notices.map(({ clientId }) => clientId))
  notices.push(...noticesOf(gone, accountId).filter(({ clientId }) => !told.has(clientId)))
  await putLogoutNotices(transaction, notices, at)
}

interface HeldGrant {
  readonly client_id: string
  readonly session_id: string | null
}

function noticesOf(held: readonly HeldGrant[], accountId: string): readonly WrittenLogoutNotice[] {
  return held.map(({ client_id: clientId, session_id: sessionId }) => ({
    clientId,
    accountId,
    ...(sessionId === null ? {} : { sessionId }),
  }))
}

/** @returns which sites held them, and in which sessions */
async function deleteGrants(transaction: Queryable, grants: readonly Uint8Array[]): Promise<readonly HeldGrant[]> {
  return grants.length === 0 ? [] : (await transaction.query<HeldGrant>(DELETE_GRANTS, [grants])).rows
}

function grantsOf(
  { payload }: ArtifactRow,
  isMeant: (authorization: { readonly persistsLogout?: boolean }) => boolean,
): readonly Uint8Array[] {
  return Object.values(payload.authorizations ?? {}).flatMap((authorization) =>
    authorization.grantId !== undefined && isMeant(authorization)
      ? [createHash('sha256').update(authorization.grantId).digest()]
      : [],
  )
}

interface ArtifactRow {
  readonly model: string
  readonly id_digest: Buffer
  readonly grant_digest: Buffer | null
  readonly payload: SessionPayload
}

const COLUMNS = 'model, id_digest, grant_digest, payload'

const SESSIONS = `SELECT ${COLUMNS} FROM oidc_artifacts WHERE model = 'Session' AND payload ->> 'accountId' = $1`
const ONE_SESSION = `${SESSIONS} AND uid_digest = $2`
const OF_ACCOUNT = `SELECT ${COLUMNS} FROM oidc_artifacts WHERE model IN ('Session', 'Grant') AND payload ->> 'accountId' = $1`
const GRANTS_AT_SITE = `SELECT ${COLUMNS} FROM oidc_artifacts
  WHERE model = 'Grant' AND payload ->> 'accountId' = $1 AND payload ->> 'clientId' = $2`

/**
 * Sessions whose last tap was of the credential, and every code and token that came of one of its taps. A tap is on record under the
 * session's uid and its second (oidc/authentications.ts).
 */
const OF_CREDENTIAL = `
  WITH mine AS (
    SELECT ${COLUMNS}, sha256(convert_to(concat(payload ->> 'uid', ' ', payload ->> 'loginTs'), 'UTF8')) AS tap
    FROM oidc_artifacts WHERE model = 'Session' AND payload ->> 'accountId' = $1
    UNION ALL
    SELECT ${COLUMNS}, sha256(convert_to(concat(payload ->> 'sessionUid', ' ', payload ->> 'authTime'), 'UTF8'))
    FROM oidc_artifacts WHERE model IN ('AccessToken', 'AuthorizationCode', 'RefreshToken') AND grant_digest IN (
      SELECT grant_digest FROM oidc_artifacts WHERE model = 'Grant' AND payload ->> 'accountId' = $1
    )
  )
  SELECT mine.model, mine.id_digest, mine.grant_digest, mine.payload FROM mine
  LEFT JOIN oidc_artifacts AS tapped ON tapped.model = 'Authentication' AND tapped.id_digest = mine.tap
  WHERE coalesce(mine.payload -> 'extra' ->> 'credential_id', tapped.payload ->> 'credentialId', $2) = $2`

/** A grant goes with every code and token of it: all have its digest. Locked in one order, as everybody does who revokes grants. */
const DELETE_GRANTS = `
  WITH gone AS (
    DELETE FROM oidc_artifacts WHERE (model, id_digest) IN (
      SELECT model, id_digest FROM oidc_artifacts WHERE grant_digest = ANY ($1) ORDER BY model, id_digest FOR UPDATE
    ) RETURNING payload
  ), held AS (
    SELECT DISTINCT payload ->> 'clientId' AS client_id, payload ->> 'sid' AS session_id FROM gone WHERE payload ? 'clientId'
  )
  SELECT client_id, session_id FROM held AS one
  WHERE session_id IS NOT NULL OR NOT EXISTS (
    SELECT FROM held AS other WHERE other.client_id = one.client_id AND other.session_id IS NOT NULL
  )`
