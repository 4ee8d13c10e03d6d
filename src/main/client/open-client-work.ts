import { randomBytes } from 'node:crypto'
import type { AuditActor } from '../../audit/audit-event.ts'
import { createClientAdministration, type ClientAdministration } from '../../relying-party/client-administration.ts'
import type { ClientWork } from '../../relying-party/client-work.ts'
import { tellChanges } from '../../relying-party/tell-changes.ts'
import { appendAuditEvents } from '../../storage/audit-log.ts'
import { createClientStore } from '../../storage/client-store.ts'
import type { Database, Queryable } from '../../storage/database.ts'

/** Clients of a database, for the command line, the console and the admin API. @param builtIn ids that none of them may change */
export function openClientWork({
  database,
  now,
  builtIn = [],
}: {
  readonly database: Database
  readonly now: () => Date
  readonly builtIn?: readonly string[]
}): ClientWork<AuditActor> {
  const administer = (queryable: Queryable): ClientAdministration =>
    createClientAdministration({ store: createClientStore(queryable), now, random: randomBytes, builtIn })

  return {
    clients: administer(database),
    change: (actor, work) =>
      database.transaction((transaction) =>
        work(
          tellChanges(administer(transaction), (change, clientId, fields) =>
            appendAuditEvents(
              transaction,
              [{ type: 'client.changed', clientId, change, ...(fields === undefined ? {} : { fields: [...fields] }) }],
              now(),
              actor,
            ),
          ),
        ),
      ),
  }
}
