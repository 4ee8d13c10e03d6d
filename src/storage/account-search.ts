import type { AccountQuery, AccountSearch, FoundAccount, FoundPage } from '../administration/account/account-search.ts'
import type { AccountStatus } from '../subject/credential-store.ts'
import type { Database } from './database.ts'

/** Accounts that one page looks at: BATCHES statements of BATCH rows each. */
const BATCH = 2000
const BATCHES = 20
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const FIRST = '00000000-0000-0000-0000-000000000000'

/**
 * Finding accounts without an index for each question: what names somebody is found by its own index, everything else by walking along
 * the primary key, a bounded way a page. (An index on when a card was last used would cost at every sign-in.)
 */
export function createAccountSearch(database: Database): AccountSearch {
  const named = async ({ text, external }: AccountQuery): Promise<readonly string[] | undefined> => {
    const words = text?.trim() ?? ''
    if (words === '' && external === undefined) return undefined
    const id = UUID.test(words.toLowerCase()) ? words.toLowerCase() : null
    const { rows } = await database.query<{ id: string }>(NAMED, [
      id,
      words === '' ? null : words,
      external?.clientId ?? null,
      external?.externalId ?? null,
    ])
    return rows.map((row) => row.id)
  }

  const walk = async (
    query: AccountQuery,
    among: readonly string[] | undefined,
    after: string,
    limit: number,
  ): Promise<Walked> => {
    const { rows } = await database.query<WalkedRow>(WALK, [after, BATCH, limit + 1, among ?? null, ...valuesOf(query)])
    const [first] = rows
    return {
      found: rows.flatMap((row) => (row.id === null ? [] : [foundOf(row, row.id)])),
      end: first?.walked === BATCH ? (first.walked_to ?? undefined) : undefined,
    }
  }

  return {
    async search(query, { after, limit }): Promise<FoundPage> {
      const among = await named(query)
      const accounts: FoundAccount[] = []
      let from = after !== undefined && UUID.test(after) ? after : FIRST
      for (let batch = 0; batch < BATCHES; batch++) {
        const { found, end } = await walk(query, among, from, limit - accounts.length)
        accounts.push(...found)
        if (accounts.length > limit) {
          const page = accounts.slice(0, limit)
          return { accounts: page, next: page.at(-1)?.accountId }
        }
        if (end === undefined) return { accounts, next: undefined }
        from = end
      }
      return { accounts, next: from }
    },
  }
}

interface Walked {
  readonly found: readonly FoundAccount[]
  /** Undefined: there are no more accounts. */
  readonly end: string | undefined
}

interface WalkedRow {
  readonly walked: number
  readonly walked_to: string | null
  readonly id: string | null
  readonly status: AccountStatus
  readonly merged_into: string | null
  readonly created_at: Date
  readonly erased_at: Date | null
  readonly credentials: number
  readonly last_used_at: Date | null
}

function foundOf(row: WalkedRow, accountId: string): FoundAccount {
  return {
    accountId,
    status: row.status,
    mergedInto: row.merged_into ?? undefined,
    createdAt: row.created_at,
    isErased: row.erased_at !== null,
    credentials: row.credentials,
    lastUsedAt: row.last_used_at ?? undefined,
  }
}

/** From $5 on. */
function valuesOf(query: AccountQuery): readonly unknown[] {
  const { status, credentialStatus, credentialKind, created, lastUsed, operated } = query
  const ofCredential = [credentialStatus, credentialKind, lastUsed?.from, lastUsed?.until]
  const ofOperation = [operated?.from, operated?.until]
  return [
    ...[status, created?.from, created?.until],
    ofCredential.some((one) => one !== undefined),
    ...ofCredential,
    ofOperation.some((one) => one !== undefined),
    ...ofOperation,
  ]
}

/** Every one of them is in an index. Of a merged account its survivor is named, too. */
const NAMED = `
  WITH named AS (
    SELECT id AS account_id FROM accounts WHERE id = $1
    UNION SELECT account_id FROM credentials WHERE id = $1
    UNION SELECT account_id FROM subjects WHERE sub = $2
    UNION SELECT account_id FROM external_accounts WHERE client_id = $3 AND external_id = $4 AND unlinked_at IS NULL
  )
  SELECT account_id AS id FROM named
  UNION SELECT merged_into FROM accounts JOIN named ON named.account_id = accounts.id WHERE merged_into IS NOT NULL`

const WALK = `
  WITH walked AS MATERIALIZED (
    SELECT id, status, merged_into, created_at, erased_at FROM accounts
    WHERE id > $1 AND ($4::uuid[] IS NULL OR id = ANY ($4)) ORDER BY id LIMIT $2
  ), way AS (
    SELECT count(*)::int AS walked, (array_agg(id ORDER BY id DESC))[1] AS walked_to FROM walked
  ), found AS (
    SELECT walked.* FROM walked
    WHERE ($5::text IS NULL OR status = $5)
      AND ($6::timestamptz IS NULL OR created_at >= $6) AND ($7::timestamptz IS NULL OR created_at < $7)
      AND (NOT $8::boolean OR EXISTS (
        SELECT FROM credentials WHERE credentials.account_id = walked.id
          AND ($9::text IS NULL OR credentials.status = $9) AND ($10::text IS NULL OR credentials.kind = $10)
          AND ($11::timestamptz IS NULL OR last_used_at >= $11) AND ($12::timestamptz IS NULL OR last_used_at < $12)))
      AND (NOT $13::boolean OR EXISTS (
        SELECT FROM account_operations AS done WHERE walked.id IN (done.account_id, done.other_account_id)
          AND ($14::timestamptz IS NULL OR done.at >= $14) AND ($15::timestamptz IS NULL OR done.at < $15)))
    ORDER BY id LIMIT $3
  )
  SELECT way.walked, way.walked_to, found.*,
    (SELECT count(*)::int FROM credentials WHERE account_id = found.id) AS credentials,
    (SELECT max(last_used_at) FROM credentials WHERE account_id = found.id) AS last_used_at
  FROM way LEFT JOIN found ON true ORDER BY found.id`
