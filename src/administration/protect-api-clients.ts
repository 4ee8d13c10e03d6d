import type { AuditActor } from '../audit/audit-event.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ClientWork } from '../relying-party/client-work.ts'
import type { ApiClientStore } from './api-clients.ts'
import type { Role } from './role.ts'

/**
 * Whoever has the secret or the keys of a program at the admin API has its rights. So what operators may do with sites they may not do
 * with those: an owner does (attack 44).
 *
 * @throws Refusal ADMIN_FORBIDDEN
 */
export function protectApiClients(
  work: ClientWork<AuditActor>,
  {
    apiClients,
    roleOf,
  }: {
    readonly apiClients: Pick<ApiClientStore, 'list'>
    readonly roleOf: (accountId: string) => Promise<Role | undefined>
  },
): ClientWork<AuditActor> {
  const mayChangeThem = async (actor: AuditActor): Promise<boolean> =>
    actor.startsWith('admin:') && (await roleOf(actor.slice('admin:'.length))) === 'owner'

  return {
    clients: work.clients,
    async change(actor, change) {
      // before the transaction: the embedded database has one session, which is its
      const isOwner = await mayChangeThem(actor)
      const theirs = new Set((await apiClients.list()).map(({ clientId }) => clientId))
      const refuse = (clientId: string): void => {
        if (!isOwner && theirs.has(clientId)) throw new Refusal('ADMIN_FORBIDDEN', 'a program at the admin API')
      }
      return work.change(actor, (clients) =>
        change({
          ...clients,
          async update(clientId, ...rest) {
            refuse(clientId)
            return clients.update(clientId, ...rest)
          },
          async rotateSecret(clientId, ...rest) {
            refuse(clientId)
            return clients.rotateSecret(clientId, ...rest)
          },
          async setDisabled(clientId, ...rest) {
            refuse(clientId)
            return clients.setDisabled(clientId, ...rest)
          },
        }),
      )
    },
  }
}
