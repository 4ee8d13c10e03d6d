import type { LinkRelation } from '../subject/chain/chain-store.ts'
import type { AccountStatus, CredentialKind, CredentialStatus } from '../subject/credential-store.ts'
import type { GraphSeeds, GraphSnapshot, GraphSubject } from '../subject/graph/account-graph-store.ts'
import type { Queryable } from './database.ts'

/** Whole families: the accounts that the seeds lead to, and everything merged into those. */
export async function readGraph(transaction: Queryable, seeds: GraphSeeds): Promise<GraphSnapshot> {
  const { rows: accounts } = await transaction.query<AccountRow>(FAMILIES, [
    seeds.accountIds ?? [],
    seeds.credentialIds ?? [],
  ])
  const ids = accounts.map(({ id }) => id)
  const { rows: credentials } = await transaction.query<CredentialRow>(
    `SELECT id, account_id, kind, status, first_seen_at, last_used_at, not_after FROM credentials
     WHERE account_id = ANY ($1) ORDER BY first_seen_at, id`,
    [ids],
  )
  const { rows: links } = await transaction.query<LinkRow>(
    `SELECT newer_id, older_id, relation, actor, at FROM credential_links
     WHERE undone_at IS NULL AND (newer_id = ANY ($1) OR older_id = ANY ($1)) ORDER BY id`,
    [credentials.map(({ id }) => id)],
  )
  const { rows: subjects } = await transaction.query<SubjectRow>(
    'SELECT account_id, sector, sub FROM subjects WHERE account_id = ANY ($1) ORDER BY account_id, sector',
    [ids],
  )
  const { rows: inherited } = await transaction.query<SubjectRow>(
    `SELECT account_id, sector, sub FROM inherited_subjects
     WHERE account_id = ANY ($1) AND undone_at IS NULL ORDER BY account_id, sector`,
    [ids],
  )
  const { rows: externalAccounts } = await transaction.query<{ account_id: string; client_id: string }>(
    `SELECT account_id, client_id FROM external_accounts
     WHERE account_id = ANY ($1) AND unlinked_at IS NULL ORDER BY id`,
    [ids],
  )
  return {
    accounts: accounts.map((row) => ({
      accountId: row.id,
      status: row.status,
      mergedInto: row.merged_into ?? undefined,
      createdAt: row.created_at,
      since: row.status_since ?? row.created_at,
      erasedAt: row.erased_at ?? undefined,
    })),
    credentials: credentials.map((row) => ({
      credentialId: row.id,
      accountId: row.account_id,
      kind: row.kind,
      status: row.status,
      firstSeenAt: row.first_seen_at,
      lastUsedAt: row.last_used_at ?? undefined,
      notAfter: row.not_after ?? undefined,
    })),
    links: links.map(({ newer_id: newerId, older_id: olderId, relation, actor, at }) => ({
      newerId,
      olderId,
      relation,
      actor,
      at,
    })),
    subjects: subjects.map(subjectOf),
    inherited: inherited.map(subjectOf),
    externalAccounts: externalAccounts.map((row) => ({ accountId: row.account_id, clientId: row.client_id })),
  }
}

const FAMILIES = `
  WITH seeds AS (
    SELECT unnest($1::uuid[]) AS id
    UNION SELECT account_id FROM credentials WHERE id = ANY ($2::uuid[])
  ), survivors AS (
    SELECT DISTINCT coalesce(merged_into, accounts.id) AS id FROM accounts JOIN seeds ON seeds.id = accounts.id
  )
  SELECT id, status, merged_into, created_at, status_since, erased_at FROM accounts
  WHERE id IN (SELECT id FROM survivors) OR merged_into IN (SELECT id FROM survivors)
  ORDER BY created_at, id`

interface AccountRow {
  readonly id: string
  readonly status: AccountStatus
  readonly merged_into: string | null
  readonly created_at: Date
  readonly status_since: Date | null
  readonly erased_at: Date | null
}

interface CredentialRow {
  readonly id: string
  readonly account_id: string
  readonly kind: CredentialKind
  readonly status: CredentialStatus
  readonly first_seen_at: Date
  readonly last_used_at: Date | null
  readonly not_after: Date | null
}

interface LinkRow {
  readonly newer_id: string
  readonly older_id: string
  readonly relation: LinkRelation
  readonly actor: string
  readonly at: Date
}

interface SubjectRow {
  readonly account_id: string
  readonly sector: string
  readonly sub: string
}

function subjectOf({ account_id: accountId, sector, sub }: SubjectRow): GraphSubject {
  return { accountId, sector, sub }
}
