import { randomUUID } from 'node:crypto'
import { createProposals } from '../administration/proposal/create-proposals.ts'
import type { Config } from '../config/config.ts'
import type { ClientLookup } from '../relying-party/client-registry.ts'
import { createAccountRecords } from '../storage/account-records.ts'
import { createAccountSearch } from '../storage/account-search.ts'
import type { Database } from '../storage/database.ts'
import type { Holdings } from '../storage/holdings.ts'
import { createMergeCandidates } from '../storage/merge-candidates.ts'
import { createProposalStore } from '../storage/proposal-store.ts'
import type { AccountPagesDependencies } from '../web/admin/accounts/account-dependencies.ts'

/** What administrators do to accounts, on the database: for the console, its API and the command line. */
export function openAccountAdministration({
  config: { approvals },
  database,
  holdings,
  clients,
  now,
}: {
  readonly config: Pick<Config, 'approvals'>
  readonly database: Database
  readonly holdings: Holdings
  readonly clients: ClientLookup
  readonly now: () => Date
}): AccountPagesDependencies {
  return {
    search: createAccountSearch(database),
    records: createAccountRecords({ database, holdings, now }),
    candidates: createMergeCandidates(database),
    proposals: createProposals({
      store: createProposalStore(database),
      policy: new Set(approvals.acts),
      limitMs: approvals.limitMs,
      now,
      newId: randomUUID,
    }),
    clients,
    now,
  }
}
