import type { AccountRecords } from '../../../administration/account/account-record.ts'
import type { AccountSearch } from '../../../administration/account/account-search.ts'
import type { MergeCandidates } from '../../../administration/account/merge-candidates.ts'
import type { Proposals } from '../../../administration/proposal/proposals.ts'
import type { ClientLookup } from '../../../relying-party/client-registry.ts'

export interface AccountPagesDependencies {
  readonly search: AccountSearch
  readonly records: AccountRecords
  readonly candidates: MergeCandidates
  readonly proposals: Proposals
  readonly clients: ClientLookup
  readonly now: () => Date
}
