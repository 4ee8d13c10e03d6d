import type { ChainStore, ChainWrite, NewLink, RecordedCredential } from '../subject/chain/chain-store.ts'
import type { AccountStatus, CredentialKind, CredentialStatus } from '../subject/credential-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database, Queryable } from './database.ts'
import { shareGraph, takeTurns } from './graph-lock.ts'
import { insertCredentials } from './insert-credentials.ts'
import { Outpaced, unlessOutpaced } from './outpaced.ts'

/** Chains of credentials in PostgreSQL. */
export function createChainStore(database: Database): ChainStore {
  return {
    async find(handles) {
      const { rows } = await database.query<RecordedRow>(
        `${RECORDED}
         JOIN unnest($1::bytea[]) WITH ORDINALITY AS asked (handle, place) ON asked.handle = credentials.handle
         ORDER BY asked.place LIMIT 1`,
        [handles.map(({ handle }) => handle)],
      )
      return rows[0] && recordedOf(rows[0])
    },

    async findPerson(person) {
      const { rows } = await database.query<RecordedRow>(
        `${RECORDED} WHERE credentials.person_digest = $1 ORDER BY credentials.first_seen_at DESC, credentials.id`,
        [person],
      )
      return rows.map(recordedOf)
    },

    async write(chain, events) {
      const written = await unlessOutpaced(database, async (transaction) => {
        await shareGraph(transaction)
        await assertUnchanged(transaction, chain)
        await writeChain(transaction, chain)
        await appendAuditEvents(transaction, events, chain.at)
        return true
      })
      return written === true
    },

    async nameHolder(credentialId, person, at, mergeCandidate, events) {
      await database.transaction(async (transaction) => {
        const { rowCount } = await transaction.query(
          `UPDATE credentials SET person_digest = $2, traced_at = $3 WHERE id = $1 AND traced_at IS NULL`,
          [credentialId, person, at],
        )
        if (rowCount !== 1) return
        if (await insertMergeCandidate(transaction, mergeCandidate, at)) {
          await appendAuditEvents(transaction, events, at)
        }
      })
    },
  }
}

async function writeChain(transaction: Queryable, chain: ChainWrite): Promise<void> {
  const { at, account, current, named, superseded, moved, links, traced, mergeCandidate } = chain
  const { accountId } = account
  if (account.isNew) {
    await transaction.query(`INSERT INTO accounts (id, status, created_at) VALUES ($1, 'active', $2)`, [accountId, at])
  }
  await insertCredentials(transaction, accountId, current, named, at)
  if (superseded.length > 0) {
    await transaction.query(`UPDATE credentials SET status = 'superseded' WHERE id = ANY ($1)`, [superseded])
  }
  for (const { credentialId, handles } of moved) {
    // Its key digest stays behind with the old pepper: whoever presents it is refused as superseded, whatever the key.
    await transaction.query(
      `UPDATE credentials SET handle = $2, pepper_version = $3, public_key_digest = NULL, issuer_key_id = NULL
       WHERE id = $1 AND pepper_version <> $3 AND status = 'superseded'`,
      [credentialId, handles[0].handle, handles[0].pepperVersion],
    )
  }
  for (const link of links) await insertLink(transaction, link, at)
  if (traced.length > 0) {
    await transaction.query(`UPDATE credentials SET traced_at = $2 WHERE id = ANY ($1) AND traced_at IS NULL`, [
      traced,
      at,
    ])
  }
  await insertMergeCandidate(transaction, mergeCandidate, at)
}

export async function insertLink(
  transaction: Queryable,
  { newerId, olderId, relation, evidence }: NewLink,
  at: Date,
  actor = 'person',
): Promise<void> {
  await transaction.query(
    `INSERT INTO credential_links (newer_id, older_id, relation, evidence, actor, at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (newer_id, older_id) WHERE undone_at IS NULL DO NOTHING`,
    [newerId, olderId, relation, JSON.stringify(evidence), actor, at],
  )
}

/** @returns false when there is none, or the pair stands on the list already */
async function insertMergeCandidate(
  transaction: Queryable,
  candidate: ChainWrite['mergeCandidate'],
  at: Date,
): Promise<boolean> {
  if (candidate === undefined) return false
  const { id, accountId, otherAccountId, evidence } = candidate
  const { rowCount } = await transaction.query(
    `INSERT INTO merge_candidates (id, account_id, other_account_id, evidence, found_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [id, accountId, otherAccountId, JSON.stringify(evidence), at],
  )
  return rowCount === 1
}

/** What the walk found is still so, and stays so until the end of the transaction. @throws Outpaced */
async function assertUnchanged(transaction: Queryable, { recorded, current }: ChainWrite): Promise<void> {
  const { personDigest } = current
  if (personDigest !== undefined) await takeTurns(transaction, [personDigest])
  if (recorded.length === 0 && personDigest === undefined) return
  const { rows } = await transaction.query<RecordedRow>(
    `${RECORDED} WHERE credentials.id = ANY ($1) OR credentials.person_digest = $2
     ORDER BY credentials.id FOR UPDATE OF credentials`,
    [recorded.map(({ credentialId }) => credentialId), personDigest],
  )
  const now = new Map(rows.map((row) => [row.credential_id, recordedOf(row)]))
  const isSame =
    now.size === recorded.length &&
    recorded.every((one) => {
      const found = now.get(one.credentialId)
      return (
        found?.status === one.status &&
        found.homeAccountId === one.homeAccountId &&
        found.accountId === one.accountId &&
        found.accountStatus === one.accountStatus
      )
    })
  if (!isSame) throw new Outpaced('a predecessor changed')
}

interface RecordedRow {
  readonly credential_id: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly not_after: Date | null
  readonly is_traced: boolean
  readonly home_account_id: string
  readonly account_id: string
  readonly account_status: AccountStatus
}

/** A merge leaves `merged_into` pointing at a living account, so one step is enough. */
const RECORDED = `
  SELECT credentials.id AS credential_id, credentials.kind, credentials.status, credentials.not_after,
    credentials.traced_at IS NOT NULL AS is_traced, home.id AS home_account_id,
    coalesce(survivor.id, home.id) AS account_id, coalesce(survivor.status, home.status) AS account_status
  FROM credentials
  JOIN accounts AS home ON home.id = credentials.account_id
  LEFT JOIN accounts AS survivor ON survivor.id = home.merged_into`

function recordedOf(row: RecordedRow): RecordedCredential {
  return {
    credentialId: row.credential_id,
    kind: row.kind,
    status: row.status,
    notAfter: row.not_after ?? undefined,
    isTraced: row.is_traced,
    homeAccountId: row.home_account_id,
    accountId: row.account_id,
    accountStatus: row.account_status,
  }
}
