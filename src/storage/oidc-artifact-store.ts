import { createHash } from 'node:crypto'
import { Refusal } from '../error-registry/refusal.ts'
import type { Database } from './database.ts'

/** What oidc-provider hands over for safe-keeping: its fields are its own affair but for the few named here. */
export interface ArtifactPayload {
  readonly jti?: string | undefined
  readonly grantId?: string | undefined
  readonly uid?: string | undefined
  /** Seconds since 1970; set when it was used. */
  readonly consumed?: unknown
  /** Not kept. Of a session: it was read, and is written only if nobody ended it meanwhile. */
  readonly readBefore?: unknown
  readonly [field: string]: unknown
}

/** Sessions, interactions, codes, tokens, grants. A model is oidc-provider's name for a kind of artifact. */
export interface OidcArtifactStore {
  /**
   * Writes, or writes again. What was consumed stays consumed. No `expiresInSeconds`: until destroyed. A session has one id at a time: one
   * that it had before leads nowhere any more. What belongs to a grant that was ended meanwhile is not written: it would be dead.
   *
   * @throws Refusal SIGNIN_SIGNED_OUT_MEANWHILE for a session that was read before, and has ended since
   */
  upsert(model: string, id: string, payload: ArtifactPayload, expiresInSeconds?: number): Promise<void>
  /**
   * What one request writes, in this order, waited for once: all of it is there, or the promise rejects. It is not one step: another reader may see
   * a part of it, and after a fault some of it may be there.
   */
  writeTogether(writes: readonly ArtifactWrite[]): Promise<void>
  /** Writes unless a living one of that id is there. @returns true for exactly one of N parallel callers */
  insertOnce(model: string, id: string, payload: ArtifactPayload, expiresInSeconds?: number): Promise<boolean>
  /**
   * Remembers that a proof was used (ReplayDetection).
   *
   * @param madeAt seconds: a proof from before the memory was lost is refused
   * @returns true for exactly one of N parallel callers
   */
  rememberProof(id: string, payload: ArtifactPayload, expiresInSeconds: number, madeAt: number): Promise<boolean>
  /** Expired ones too, as long as they are there: oidc-provider looks at `exp` itself, and says "expired" instead of "unknown". */
  find(model: string, id: string): Promise<ArtifactPayload | undefined>
  /** With the grant that it belongs to, read in the same moment. */
  findWithGrant(
    model: string,
    id: string,
  ): Promise<readonly [artifact?: ArtifactPayload, grant?: ArtifactPayload | undefined]>
  /** Without `jti`, which the store does not have. */
  findSession(uid: string): Promise<ArtifactPayload | undefined>
  /** Marks it used. @returns true for exactly one caller, ever */
  consume(model: string, id: string): Promise<boolean>
  destroy(model: string, id: string): Promise<void>
  destroySession(uid: string): Promise<void>
  /** Removes every code and token of a grant, and keeps the grant. */
  revokeByGrantId(grantId: string): Promise<void>
  /** Somebody used a used one: removes its grant with every code and token of it. */
  revokeGrantOf(model: string, id: string): Promise<void>
  /** @returns how many rows went */
  deleteExpired(limit: number): Promise<number>
}

/** `put` as `upsert` does, `destroy` as `destroy`. */
export type ArtifactWrite =
  | {
      readonly act: 'put'
      readonly model: string
      readonly id: string
      readonly payload: ArtifactPayload
      readonly expiresInSeconds: number | undefined
    }
  | { readonly act: 'destroy'; readonly model: string; readonly id: string }

/** What lives and dies with its grant. An interaction only names one. */
export const GRANT_MEMBERS: ReadonlySet<string> = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken'])

/**
 * Rows stay for a while after their time: a pushed request lives 60 s, but the person may take minutes, and its
 * single use is decided at the end. Longer than any interaction.
 */
const KEPT_AFTER_EXPIRY_MS = 3600_000

/**
 * Artifacts in PostgreSQL. Ids are bearer secrets, so rows know them only as SHA-256 (they are random: no salt is needed),
 * and `jti` is put back into what is found.
 */
export function createOidcArtifactStore({
  database,
  now,
}: {
  readonly database: Database
  readonly now: () => Date
}): OidcArtifactStore {
  const rowOf = (model: string, id: string, payload: ArtifactPayload, expiresInSeconds?: number): unknown[] => {
    const { jti: _jti, consumed: _consumed, readBefore: _readBefore, ...rest } = payload
    const writtenAt = now()
    return [
      model,
      digest(id),
      JSON.stringify(rest),
      // a grant belongs to itself, so that it goes with its members in one statement
      model === 'Grant' ? digest(id) : digestOf(GRANT_MEMBERS.has(model) ? payload.grantId : undefined),
      digestOf(payload.uid),
      expiresInSeconds === undefined ? 'infinity' : new Date(writtenAt.getTime() + expiresInSeconds * 1000),
      writtenAt,
    ]
  }

  const findWithGrant: OidcArtifactStore['findWithGrant'] = async (model, id) => {
    const { rows } = await database.query<ArtifactRow>(FIND, [model, digest(id)])
    const [row] = rows
    return row === undefined ? [] : [{ ...payloadOf(row), jti: id }, row.grant ?? undefined]
  }
  const insertOnce: OidcArtifactStore['insertOnce'] = async (model, id, payload, expiresInSeconds) => {
    const { rowCount } = await database.query(
      `${INSERT} ${OVERWRITE} WHERE oidc_artifacts.expires_at <= $7`,
      rowOf(model, id, payload, expiresInSeconds),
    )
    return rowCount === 1
  }

  const upsert: OidcArtifactStore['upsert'] = async (model, id, payload, expiresInSeconds) => {
    const isRead = model === 'Session' && payload.readBefore === true
    const { rowCount } = await database.query(
      `${isRead ? INSERT_READ_SESSION : statementOf(model)} ${OVERWRITE}`,
      rowOf(model, id, payload, expiresInSeconds),
    )
    if (isRead && rowCount === 0) throw signedOutMeanwhile()
  }
  const destroy: OidcArtifactStore['destroy'] = async (model, id) => {
    // with all that it gave: somebody who had read the grant before may save it after
    if (model === 'Grant') await database.query(deleteWhere('grant_digest = $1'), [digest(id)])
    else await database.query('DELETE FROM oidc_artifacts WHERE model = $1 AND id_digest = $2', [model, digest(id)])
  }

  return {
    upsert,

    async writeTogether(writes) {
      for (const write of writes) {
        if (write.act === 'put') await upsert(write.model, write.id, write.payload, write.expiresInSeconds)
        else await destroy(write.model, write.id)
      }
    },

    insertOnce,

    async rememberProof(id, payload, expiresInSeconds, madeAt) {
      const { rowCount } = await database.query(`${INSERT_PROOF} ${OVERWRITE} WHERE oidc_artifacts.expires_at <= $7`, [
        ...rowOf('ReplayDetection', id, payload, expiresInSeconds),
        new Date(madeAt * 1000),
      ])
      return rowCount === 1
    },

    find: async (model, id) => (await findWithGrant(model, id))[0],

    findWithGrant,

    async findSession(uid) {
      const { rows } = await database.query<ArtifactRow>(FIND_SESSION, [digest(uid)])
      return rows[0] && payloadOf(rows[0])
    },

    async consume(model, id) {
      const { rowCount } = await database.query(
        'UPDATE oidc_artifacts SET consumed_at = $3 WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL',
        [model, digest(id), now()],
      )
      return rowCount === 1
    },

    destroy,

    async destroySession(uid) {
      await database.query(`DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid_digest = $1`, [digest(uid)])
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

const INTO = `INSERT INTO oidc_artifacts (model, id_digest, payload, grant_digest, uid_digest, expires_at, written_at)`
const INSERT = `${INTO} VALUES ($1, $2, $3, $4, $5, $6, $7)`

/** The grant is locked until it is done, so that who ends the grant sees this one too. */
const INSERT_IN_GRANT = `${INTO}
  SELECT $1, $2, $3::jsonb, $4::bytea, $5::bytea, $6::timestamptz, $7::timestamptz
  WHERE $4::bytea IS NULL OR EXISTS (
    SELECT 1 FROM oidc_artifacts WHERE model = 'Grant' AND id_digest = $4::bytea FOR KEY SHARE
  )`

const INSERT_SESSION = `WITH before AS (
    DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid_digest = $5 AND id_digest <> $2
  ) ${INSERT}`

/** What stands is locked until it is done: whoever ends the session does so before, and is seen, or after. */
const INSERT_READ_SESSION = `WITH before AS (
    DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid_digest = $5 AND id_digest <> $2 RETURNING 1
  ), same AS (
    SELECT 1 FROM oidc_artifacts WHERE model = 'Session' AND uid_digest = $5 AND id_digest = $2 FOR UPDATE
  ) ${INTO} SELECT $1, $2, $3::jsonb, $4::bytea, $5::bytea, $6::timestamptz, $7::timestamptz
  WHERE EXISTS (SELECT FROM before) OR EXISTS (SELECT FROM same)`

function statementOf(model: string): string {
  return model === 'Session' ? INSERT_SESSION : model === 'Grant' ? INSERT : INSERT_IN_GRANT
}

/** In every place the same: a request that was under way while its person signed out. */
export function signedOutMeanwhile(): Refusal {
  return new Refusal('SIGNIN_SIGNED_OUT_MEANWHILE', 'the session ended while it was in use')
}

/** This memory is as old as the place (short-lived/move-place.ts); no proof is good for two hours (oidc/proof-time.ts). */
const INSERT_PROOF = `${INTO}
  SELECT $1, $2, $3::jsonb, $4::bytea, $5::bytea, $6::timestamptz, $7::timestamptz
  WHERE NOT EXISTS (
    SELECT FROM short_lived_place WHERE $8::timestamptz < forgets_before AND $7 < forgets_before + interval '2 hours'
  )`

/** consumed_at is left alone on purpose. */
const OVERWRITE = `ON CONFLICT (model, id_digest) DO UPDATE SET payload = excluded.payload,
  grant_digest = excluded.grant_digest, uid_digest = excluded.uid_digest,
  expires_at = excluded.expires_at, written_at = excluded.written_at`

const FIND = `SELECT artifact.payload, artifact.consumed_at, given.payload AS "grant"
  FROM oidc_artifacts AS artifact
  LEFT JOIN oidc_artifacts AS given
    ON given.model = 'Grant' AND given.id_digest = artifact.grant_digest AND artifact.model <> 'Grant'
  WHERE artifact.model = $1 AND artifact.id_digest = $2`

const FIND_SESSION = `SELECT payload, consumed_at, NULL AS "grant" FROM oidc_artifacts
  WHERE model = 'Session' AND uid_digest = $1 ORDER BY written_at DESC LIMIT 1`

interface ArtifactRow {
  readonly payload: ArtifactPayload
  readonly consumed_at: Date | null
  readonly grant: ArtifactPayload | null
}

function payloadOf({ payload, consumed_at }: ArtifactRow): ArtifactPayload {
  return consumed_at === null ? payload : { ...payload, consumed: Math.floor(consumed_at.getTime() / 1000) }
}

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
