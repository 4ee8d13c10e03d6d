import type { AuditActor } from '../../audit/audit-event.ts'

/** One user of a site who is a person here. */
export interface ExternalAccount {
  /** Of the row, for going on in a list. */
  readonly id: string
  readonly clientId: string
  readonly externalId: string
  readonly linkedAt: Date
}

/** Which link: by what the site calls its user, or by the person. */
export type LinkName =
  { readonly clientId: string; readonly externalId: string } | { readonly clientId: string; readonly accountId: string }

/** Port: what stands. A person is an account with everything that was merged into it. */
export interface ExternalAccountStore {
  /** One indexed statement. */
  externalIdOf(accountId: string, clientId: string): Promise<string | undefined>
  /** The account that a user of a site leads to now. */
  accountOf(clientId: string, externalId: string): Promise<string | undefined>
  /** Newest first. */
  ofAccount(accountId: string): Promise<readonly ExternalAccount[]>
  /** In the order in which they were linked. @param after id of the last one that is known */
  list(
    clientId: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly ExternalAccount[]>
  /** Open tickets for the same user end with it. @returns false: there is none */
  remove(name: LinkName, at: Date, actor: AuditActor): Promise<boolean>
}
