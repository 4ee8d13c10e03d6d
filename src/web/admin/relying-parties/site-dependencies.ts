import type { AuditActor } from '../../../audit/audit-event.ts'
import type { ClientWork } from '../../../relying-party/client-work.ts'
import type { ExternalAccounts } from '../../../relying-party/link/create-external-accounts.ts'
import type { FindApi } from '../../describe-consent.ts'

/** What the pages about sites work with. */
export interface SiteDependencies {
  readonly work: ClientWork<AuditActor>
  /** Of this provider: the `iss` of a site that is tried. */
  readonly issuer: string
  readonly findApi: FindApi
  /** Users of sites who are people here. */
  readonly links: Pick<ExternalAccounts, 'list' | 'remove'>
  /** Loads a client as the OpenID endpoints would. @returns why they cannot, in English, or undefined */
  readonly loadAsProvider: (clientId: string) => Promise<string | undefined>
  /** 128 random bits, for the id of a client. */
  readonly drawId: () => string
  readonly builtIn: readonly string[]
  readonly now: () => Date
}
