import { createHash } from 'node:crypto'
import type { Database } from './database.ts'

/** What oidc-provider hands over for safe-keeping: its fields are its own affair but for the few named here. */
export interface ArtifactPayload {
  readonly jti?: string | undefined
  readonly grantId?: string | undefined
  readonly uid?: string | undefined
  readonly userCode?: string | undefined
  /** Seconds since 1970; set when it was used. */
  readonly consumed?: unknown
  readonly [field: string]: unknown
}

/** Sessions, interactions, codes, tokens, grants. A model is oidc-provider's name for a kind of artifact. */
export interface OidcArtifactStore {
  /** Writes, or writes again. What was consumed stays consumed. No `expiresInSeconds`: until destroyed. */
  upsert(model: string, id: string, payload: ArtifactPayload, expiresInSeconds?: number): Promise<void>
  /** Writes unless a living one of that id is there. @returns true for exactly one of N parallel callers */
  insertOnce(model: string, id: string, payload: ArtifactPayload, expiresInSeconds?: number): Promise<boolean>
  /** Expired ones too, as long as they are there: oidc-provider looks at `exp` itself, and says "expired" instead of "unknown". */
  find(model: string, id: string): Promise<ArtifactPayload | undefined>
  /** The one written last. Without `jti`, which the store does not have. */
  findByUid(model: string, uid: string): Promise<ArtifactPayload | undefined>
  findByUserCode(model: string, userCode: string): Promise<ArtifactPayload | undefined>
  /** Marks it used. @returns true for exactly one caller, ever */
  consume(model: string, id: string): Promise<boolean>
  /** A session goes with every other row of its uid: it may be there under an id of before the log-in. */
  destroy(model: string, id: string): Promise<void>
  /** What `findByUid` finds has no id: it is not stored. */
  destroyByUid(model: string, uid: string): Promise<void>
  /** Removes every code and token of a grant, and keeps the grant. */
  revokeByGrantId(grantId: string): Promise<void>
  /** Somebody used a used one: removes its grant with every code and token of it. */
  revokeGrantOf(model: string, id: string): Promise<void>
  /** @returns how many rows went */
  deleteExpired(limit: number): Promise<number>
}

/**
 * Rows stay for a while after their time: a pushed request lives 60 s, but the person may take minutes, and its
 * single use is decided at the end. Longer than any interaction.
 */
const KEPT_AFTER_EXPIRY_MS = 3600_000

/**
 * Artifacts in PostgreSQL. Ids are bearer secrets, so rows know them only as SHA-256 (they are random: no salt is needed),
 * and `jti` is put back into what is found. Device codes alone keep theirs: they are also found by their user code.
 */
export function createOidcArtifactStore({
  database,
  now,
}: {
  readonly database: Database
  readonly now: () => Date
}): OidcArtifactStore {
  const rowOf = (model: string, id: string, payload: ArtifactPayload, expiresInSeconds?: number): unknown[] => {
    const { jti, consumed: _consumed, ...rest } = payload
    const writtenAt = now()
    return [
      model,
      digest(id),
      JSON.stringify(model === 'DeviceCode' ? { jti, ...rest } : rest),
      // a grant belongs to itself, so that it goes with its members in one statement
      digestOf(model === 'Grant' ? id : payload.grantId),
      digestOf(payload.uid),
      digestOf(payload.userCode),
      expiresInSeconds === undefined ? 'infinity' : new Date(writtenAt.getTime() + expiresInSeconds * 1000),
      writtenAt,
    ]
  }

  const findOne = async (condition: string, model: string, key: string): Promise<ArtifactPayload | undefined> => {
    const { rows } = await database.query<{ payload: ArtifactPayload; consumed_at: Date | null }>(
      `SELECT payload, consumed_at FROM oidc_artifacts WHERE model = $1 AND ${condition} = $2
       ORDER BY written_at DESC LIMIT 1`,
      [model, digest(key)],
    )
    const [row] = rows
    if (row === undefined) return undefined
    const { payload, consumed_at } = row
    return consumed_at === null ? payload : { ...payload, consumed: Math.floor(consumed_at.getTime() / 1000) }
  }

  return {
    async upsert(model, id, payload, expiresInSeconds) {
      await database.query(`${INSERT} ${OVERWRITE}`, rowOf(model, id, payload, expiresInSeconds))
    },

    async insertOnce(model, id, payload, expiresInSeconds) {
      const { rowCount } = await database.query(
        `${INSERT} ${OVERWRITE} WHERE oidc_artifacts.expires_at <= $8`,
        rowOf(model, id, payload, expiresInSeconds),
      )
      return rowCount === 1
    },

    async find(model, id) {
      const found = await findOne('id_digest', model, id)
      return found && { ...found, jti: id }
    },

    findByUid: (model, uid) => findOne('uid_digest', model, uid),

    findByUserCode: (model, userCode) => findOne('user_code_digest', model, userCode),

    async consume(model, id) {
      const { rowCount } = await database.query(
        'UPDATE oidc_artifacts SET consumed_at = $3 WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL',
        [model, digest(id), now()],
      )
      return rowCount === 1
    },

    async destroy(model, id) {
      await database.query(
        `DELETE FROM oidc_artifacts WHERE model = $1 AND (id_digest = $2 OR uid_digest = (
           SELECT uid_digest FROM oidc_artifacts WHERE model = $1 AND id_digest = $2
         ))`,
        [model, digest(id)],
      )
    },

    async destroyByUid(model, uid) {
      await database.query('DELETE FROM oidc_artifacts WHERE model = $1 AND uid_digest = $2', [model, digest(uid)])
    },

    async revokeByGrantId(grantId) {
      await database.query(deleteWhere(`grant_digest = $1 AND model <> 'Grant'`), [digest(grantId)])
    },

    async revokeGrantOf(model, id) {
      await database.query(
        deleteWhere('grant_digest = (SELECT grant_digest FROM oidc_artifacts WHERE model = $1 AND id_digest = $2)'),
        [model, digest(id)],
      )
    },

    async deleteExpired(limit) {
      const { rowCount } = await database.query(
        `DELETE FROM oidc_artifacts WHERE (model, id_digest) IN (
           SELECT model, id_digest FROM oidc_artifacts WHERE expires_at < $1
           ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
         )`,
        [new Date(now().getTime() - KEPT_AFTER_EXPIRY_MS), limit],
      )
      return rowCount ?? 0
    },
  }
}

const INSERT = `INSERT INTO oidc_artifacts
  (model, id_digest, payload, grant_digest, uid_digest, user_code_digest, expires_at, written_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

/** consumed_at is left alone on purpose. */
const OVERWRITE = `ON CONFLICT (model, id_digest) DO UPDATE SET payload = excluded.payload,
  grant_digest = excluded.grant_digest, uid_digest = excluded.uid_digest,
  user_code_digest = excluded.user_code_digest, expires_at = excluded.expires_at, written_at = excluded.written_at`

/** Rows are locked in one order, so that two who revoke the same grant wait for each other instead of deadlocking. */
function deleteWhere(condition: string): string {
  return `DELETE FROM oidc_artifacts WHERE (model, id_digest) IN (
    SELECT model, id_digest FROM oidc_artifacts WHERE ${condition} ORDER BY model, id_digest FOR UPDATE
  )`
}

function digest(id: string): Buffer {
  return createHash('sha256').update(id).digest()
}

function digestOf(id: string | undefined): Buffer | null {
  return id === undefined ? null : digest(id)
}
