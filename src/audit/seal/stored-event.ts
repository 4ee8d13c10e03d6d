/** A record as it stands in the log. */
export interface StoredEvent {
  /** Ascending; numbers of transactions that failed are missing. */
  readonly sequence: bigint
  /** RFC 3339 in UTC with all six digits that the database keeps. */
  readonly at: string
  readonly type: string
  readonly actor: string
  readonly accountId: string | null
  readonly credentialId: string | null
  readonly clientId: string | null
  readonly details: Readonly<Record<string, unknown>>
}
