import type { AccountRecords } from '../administration/account/account-record.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { createAccountGraph } from '../subject/graph/create-account-graph.ts'
import { createAccountGraphStore } from './account-graph-store.ts'
import { createAccountOverviewStore } from './account-overview-store.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database } from './database.ts'
import type { Holdings } from './holdings.ts'

/** What an administrator sees of one account, read out of what others write. */
export function createAccountRecords({
  database,
  holdings,
  now,
}: {
  readonly database: Database
  readonly holdings: Holdings
  readonly now: () => Date
}): AccountRecords {
  const overviews = createAccountOverviewStore({ database, holdings })
  const store = createAccountGraphStore(database)
  const graph = createAccountGraph({ store, now, newId: () => '' })

  const heldBy = async (accountId: string) => {
    const overview = await overviews.read(accountId, { now: now(), signIns: 0 })
    return { sessions: overview?.sessions ?? [], sites: overview?.connections ?? [] }
  }

  return {
    async read(accountOrSub) {
      // no database takes U+0000, and nobody is called that
      if (/\p{Cc}/u.test(accountOrSub)) throw new Refusal('ADMIN_ACCOUNT_NOT_FOUND')
      const { accountId, snapshot } = await graph.show(accountOrSub)
      const ids = snapshot.accounts.map((one) => one.accountId)
      const { rows: external } = await database.query<ExternalRow>(
        `SELECT client_id, external_id, linked_at FROM external_accounts
         WHERE account_id = ANY ($1) AND unlinked_at IS NULL ORDER BY linked_at`,
        [ids],
      )
      const { rows: notices } = await database.query<NoticeRow>(
        `SELECT operation_id, max(told_at) AS told_at FROM account_notices WHERE account_id = ANY ($1) GROUP BY 1`,
        [ids],
      )
      return {
        ...{ accountId, snapshot, ...(await heldBy(accountId)) },
        operations: await store.operations([accountId]),
        external: external.map((row) => ({
          clientId: row.client_id,
          externalId: row.external_id,
          linkedAt: row.linked_at,
        })),
        notices: notices.map((row) => ({ operationId: row.operation_id, toldAt: row.told_at ?? undefined })),
      }
    },

    async holdings(accountIds) {
      const held = new Map<string, Awaited<ReturnType<typeof heldBy>>>()
      for (const accountId of new Set(accountIds)) held.set(accountId, await heldBy(accountId))
      return held
    },

    async endSession(accountId, reference, actor) {
      const isEnded = await overviews.endSession(accountId, reference, now())
      if (isEnded) await appendAuditEvents(database, [{ type: 'session.ended', accountId }], now(), actor)
      return isEnded
    },
  }
}

interface ExternalRow {
  readonly client_id: string
  readonly external_id: string
  readonly linked_at: Date
}

interface NoticeRow {
  readonly operation_id: string
  readonly told_at: Date | null
}
