import type { ClientAdministration } from './client-administration.ts'
import { differencesOf } from './differences.ts'

/** What was done to a client, for the audit log. */
export type ClientChange = 'added' | 'updated' | 'secret_rotated' | 'disabled' | 'enabled'

/** Tells of one change. @param fields names of those that an update changed */
export type TellClientChange = (change: ClientChange, clientId: string, fields?: readonly string[]) => Promise<void>

/** The same, and every change is told; to be called in one transaction with what `tell` writes, so that what cannot be told is not done. */
export function tellChanges(clients: ClientAdministration, tell: TellClientChange): ClientAdministration {
  return {
    ...clients,
    async add(fields) {
      const added = await clients.add(fields)
      await tell('added', added.client.clientId)
      return added
    },
    async update(clientId, changes, options) {
      const before = await clients.show(clientId)
      const updated = await clients.update(clientId, changes, options)
      const differences = differencesOf(registrationOf(before), registrationOf(updated.client))
      await tell(
        'updated',
        clientId,
        differences.map(({ field }) => field),
      )
      return updated
    },
    async rotateSecret(clientId, options) {
      const rotated = await clients.rotateSecret(clientId, options)
      await tell('secret_rotated', clientId)
      return rotated
    },
    async setDisabled(clientId, disabled) {
      const client = await clients.setDisabled(clientId, disabled)
      await tell(disabled ? 'disabled' : 'enabled', clientId)
      return client
    },
  }
}

/** What its owner or an operator wrote, without what every change moves. */
function registrationOf(view: Awaited<ReturnType<ClientAdministration['show']>>): object {
  const { version: _version, createdAt: _created, updatedAt: _updated, secrets: _secrets, ...registration } = view
  return registration
}
