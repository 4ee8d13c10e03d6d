import type { AccountStatus, CredentialKind, CredentialStatus } from '../../subject/credential-store.ts'

export interface TimeSpan {
  readonly from?: Date | undefined
  /** Not included. */
  readonly until?: Date | undefined
}

/** All that is named has to fit. */
export interface AccountQuery {
  /** The id of an account or of a credential, or what any site calls somebody (sub). */
  readonly text?: string | undefined
  /** Somebody whom a site knows by an id of its own. */
  readonly external?: { readonly clientId: string; readonly externalId: string } | undefined
  readonly status?: AccountStatus | undefined
  /** One credential that is all of these. */
  readonly credentialStatus?: CredentialStatus | undefined
  readonly credentialKind?: CredentialKind | undefined
  readonly lastUsed?: TimeSpan | undefined
  readonly created?: TimeSpan | undefined
  /** Something was done to it by hand. */
  readonly operated?: TimeSpan | undefined
}

export interface FoundAccount {
  readonly accountId: string
  readonly status: AccountStatus
  readonly mergedInto: string | undefined
  readonly createdAt: Date
  readonly isErased: boolean
  readonly credentials: number
  readonly lastUsedAt: Date | undefined
}

export interface FoundPage {
  /** In the order of their ids, which are random. */
  readonly accounts: readonly FoundAccount[]
  /** Where to go on; undefined: that was all. A page may hold few or none and still go on: so many accounts are looked at, at most. */
  readonly next: string | undefined
}

/** Port: finding accounts. A page costs no more than a bounded number of rows, whatever is asked for. */
export interface AccountSearch {
  /** @param page `after` is the `next` of the page before */
  search(query: AccountQuery, page: { readonly after?: string | undefined; readonly limit: number }): Promise<FoundPage>
}
