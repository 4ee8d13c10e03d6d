import { createClientAdministration } from '../relying-party/client-administration.ts'
import {
  createDynamicRegistration,
  type DynamicRegistration,
} from '../relying-party/dynamic/create-dynamic-registration.ts'
import { appendAuditEvents } from '../storage/audit-log.ts'
import { createClientStore } from '../storage/client-store.ts'
import type { Database } from '../storage/database.ts'
import { createRegistrationTokenStore } from '../storage/registration-token-store.ts'

/** Clients that register themselves, with a token that an operator gave them. */
export function openDynamicRegistration({
  database,
  now,
  random,
}: {
  readonly database: Database
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
}): DynamicRegistration {
  return createDynamicRegistration({
    clients: createClientAdministration({ store: createClientStore(database), now, random }),
    tokens: createRegistrationTokenStore(database),
    onRegistered: (clientId) =>
      appendAuditEvents(
        database,
        [{ type: 'client.changed', clientId, change: 'registered_itself' }],
        now(),
        'operator',
      ),
    now,
  })
}
