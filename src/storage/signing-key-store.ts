import type {
  SigningAlgorithm,
  SigningKeyState,
  SigningKeyStore,
  SigningKeyTable,
  StoredSigningKey,
} from '../signing-key/signing-key-store.ts'
import type { Database, Queryable } from './database.ts'

/** Any number that nothing else in the database locks: "sekisho signing keys". */
const ADVISORY_LOCK = 7_305_517_001

/** Signing keys in PostgreSQL. */
export function createSigningKeyStore(database: Database): SigningKeyStore {
  return {
    list: () => tableOf(database).list(),
    exclusively: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
        return work(tableOf(transaction))
      }),
  }
}

function tableOf(queryable: Queryable): SigningKeyTable {
  return {
    async list() {
      const { rows } = await queryable.query<SigningKeyRow>(
        `SELECT kid, algorithm, public_jwk, sealed_private_jwk, state, published_at, activated_at, retired_at
         FROM signing_keys ORDER BY published_at DESC, kid`,
      )
      return rows.map(keyOf)
    },

    async insert({ kid, algorithm, publicJwk, sealedPrivateJwk, state, publishedAt, activatedAt, retiredAt }) {
      await queryable.query(
        `INSERT INTO signing_keys
           (kid, algorithm, public_jwk, sealed_private_jwk, state, published_at, activated_at, retired_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [kid, algorithm, JSON.stringify(publicJwk), sealedPrivateJwk, state, publishedAt, activatedAt, retiredAt],
      )
    },
  }
}

interface SigningKeyRow {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly public_jwk: Record<string, unknown>
  readonly sealed_private_jwk: Buffer
  readonly state: SigningKeyState
  readonly published_at: Date
  readonly activated_at: Date | null
  readonly retired_at: Date | null
}

function keyOf(row: SigningKeyRow): StoredSigningKey {
  return {
    kid: row.kid,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    sealedPrivateJwk: row.sealed_private_jwk,
    state: row.state,
    publishedAt: row.published_at,
    activatedAt: row.activated_at ?? undefined,
    retiredAt: row.retired_at ?? undefined,
  }
}
