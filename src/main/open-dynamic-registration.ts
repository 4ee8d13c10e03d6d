import { createClientAdministration } from '../relying-party/client-administration.ts'
import {
  createDynamicRegistration,
  type DynamicRegistration,
} from '../relying-party/dynamic/create-dynamic-registration.ts'
import { appendAuditEvents } from '../storage/audit-log.ts'
import { createClientStore } from '../storage/client-store.ts'
import { createConfigurationTokenStore } from '../storage/configuration-token-store.ts'
import type { Database } from '../storage/database.ts'
import { createRegistrationTokenStore } from '../storage/registration-token-store.ts'

/** Clients that register themselves, with a token that an operator gave them. */
export function openDynamicRegistration({
  database,
  endpoint,
  now,
  random,
}: {
  readonly database: Database
  readonly endpoint: string
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
}): DynamicRegistration {
  return createDynamicRegistration({
    transact: (work) =>
      database.transaction((transaction) =>
        work({
          clients: createClientAdministration({ store: createClientStore(transaction), now, random }),
          tokens: createRegistrationTokenStore(transaction),
          configurationTokens: createConfigurationTokenStore(transaction),
          tell: (change, clientId) =>
            appendAuditEvents(transaction, [{ type: 'client.changed', clientId, change }], now(), 'client'),
        }),
      ),
    endpoint,
    now,
    random,
  })
}
