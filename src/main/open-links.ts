import { randomBytes, randomUUID } from 'node:crypto'
import type { Metrics } from '../observability/metrics/create-metrics.ts'
import type { ClientLookup } from '../relying-party/client-registry.ts'
import { createExternalAccounts, type ExternalAccounts } from '../relying-party/link/create-external-accounts.ts'
import { createLinkTickets, type LinkTickets } from '../relying-party/link/create-link-tickets.ts'
import type { Database } from '../storage/database.ts'
import { createExternalAccountStore } from '../storage/external-account-store.ts'
import { createLinkTicketStore } from '../storage/link-ticket-store.ts'
import type { CleaningJob } from './clean-expired.ts'

export interface OpenedLinks {
  readonly tickets: LinkTickets
  readonly accounts: ExternalAccounts
  readonly clean: CleaningJob
}

/** Users of sites who are people here, on the database: for the server, the console and the command line. */
export function openLinks({
  database,
  clients,
  issuer,
  metrics,
  now,
}: {
  readonly database: Database
  readonly clients: ClientLookup
  readonly issuer: string
  readonly metrics?: Pick<Metrics, 'link'>
  readonly now: () => Date
}): OpenedLinks {
  const store = createLinkTicketStore(database)
  return {
    tickets: createLinkTickets({
      store,
      clients,
      issuer,
      now,
      random: (octets) => new Uint8Array(randomBytes(octets)),
      newId: randomUUID,
      onOutcome: (outcome) => metrics?.link({ outcome }),
    }),
    accounts: createExternalAccounts({
      store: createExternalAccountStore(database),
      now,
      onRemoved: () => metrics?.link({ outcome: 'removed' }),
    }),
    clean: (limit) => store.deleteExpired(now(), limit),
  }
}
