import { z } from 'zod'
import type { ApiClientStore } from '../../../administration/api-clients.ts'
import { ACTS, scopeOf } from '../../../administration/permissions.ts'
import type { AuditActor } from '../../../audit/audit-event.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { ClientAdministration } from '../../../relying-party/client-administration.ts'
import { ClientRefused } from '../../../relying-party/client-refused.ts'
import type { ClientView } from '../../../relying-party/client-view.ts'
import type { ClientWork } from '../../../relying-party/client-work.ts'
import { writeDay } from '../../describe-overview.ts'
import type { Locale } from '../../locale.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { definePage, go, page } from '../define-page.ts'
import { isRefusedFor } from '../relying-parties/refuse-client.ts'

export interface ApiClientPagesDependencies {
  /** The admin API, as programs ask for it (RFC 8707). */
  readonly resource: string
  readonly apiClients: ApiClientStore
  readonly clientWork: ClientWork<AuditActor>
  readonly now: () => Date
}

/** A program by itself may do at most what the table leaves to programs; an administrator through a program what their role allows. */
export const API_SCOPES: readonly string[] = ACTS.filter((act) => act !== 'console.use')
  .map(scopeOf)
  .sort()

const addForm = z.strictObject({
  client: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  scope: z.union([z.string(), z.array(z.string())]).transform((scope, ctx) => {
    const scopes = typeof scope === 'string' ? [scope] : scope
    if (scopes.length > 0 && scopes.every((one) => API_SCOPES.includes(one))) return [...new Set(scopes)].sort()
    ctx.addIssue({ code: 'custom', message: 'no such scope' })
    return z.NEVER
  }),
})

/** Programs at the admin API. What an owner writes here is what counts: a registration that names the API opens nothing by itself. */
export function createApiClientPages(deps: ApiClientPagesDependencies): AdminRoutes {
  const { resource, apiClients, clientWork, now } = deps

  const drawList = async (
    locale: Locale,
    entered: { readonly client: string; readonly scopes: readonly string[] } | undefined,
  ) =>
    page('admin/api-clients/list', 'admin.apiClients.title', {
      clients: (await apiClients.list()).map(({ clientId, scopes, addedAt }) => ({
        clientId,
        scopes,
        since: writeDay(addedAt, locale),
      })),
      scopes: API_SCOPES,
      faults: entered !== undefined,
      entered: entered ?? { client: '', scopes: [] },
    })

  /** The client may ask for tokens of the API; one that is not there yet is made, a program without people. */
  const register = (clientId: string, actor: AuditActor) =>
    clientWork.change(actor, async (clients) => {
      const known = await find(clients, clientId)
      const scopes = [...API_SCOPES]
      if (known === undefined) {
        const { clientSecret } = await clients.add({
          clientId,
          displayName: { ja: clientId.slice(0, 120), en: clientId.slice(0, 120) },
          firstParty: true,
          owner: actor,
          grantTypes: ['client_credentials'],
          resources: [{ resource, scopes }],
        })
        return clientSecret
      }
      const others = known.resources.filter((one) => one.resource !== resource)
      await clients.update(clientId, { resources: [...others, { resource, scopes }] })
      return undefined
    })

  return {
    api: [],
    pages: [
      definePage({
        method: 'get',
        path: '/api-clients',
        act: 'api-clients.read',
        nav: { key: 'apiClients', order: 90 },
        handle: ({ locale }) => drawList(locale, undefined),
      }),
      definePage({
        method: 'post',
        path: '/api-clients',
        act: 'api-clients.add',
        form: addForm,
        invalid: ({ locale, fields: { client, scope } }) =>
          drawList(locale, {
            client: typeof client === 'string' ? client : '',
            scopes: [scope].flat().filter((one) => typeof one === 'string'),
          }),
        confirm: async ({ fields, t }) => ({
          titleKey: 'admin.apiClients.add.title',
          facts: [
            { label: t('admin.apiClients.clientId'), value: fields.client },
            { label: t('admin.apiClients.scopes'), value: fields.scope.join(' ') },
          ],
          // an operator who registered it may have its secret (attack 44)
          ...((await find(clientWork.clients, fields.client)) === undefined
            ? {}
            : { note: t('admin.apiClients.add.known') }),
        }),
        handle: async ({ fields, actor }) => {
          const secret = await register(fields.client, actor).catch(asFormFault)
          await apiClients.put({ clientId: fields.client, scopes: fields.scope, addedBy: actor, addedAt: now() })
          return page('admin/api-clients/added', 'admin.apiClients.added.title', {
            clientId: fields.client,
            secret,
            resource,
          })
        },
      }),
      definePage({
        method: 'post',
        path: '/api-clients/remove',
        act: 'api-clients.remove',
        form: z.strictObject({ client: z.string().max(255) }),
        confirm: async ({ fields, t }) => {
          if ((await apiClients.find(fields.client)) === undefined) throw new Refusal('ADMIN_NOT_ADMINISTRATOR')
          return {
            titleKey: 'admin.apiClients.remove',
            facts: [{ label: t('admin.apiClients.clientId'), value: fields.client }],
          }
        },
        handle: async ({ fields, actor }) => {
          await apiClients.remove(fields.client, actor, now())
          return go('/admin/api-clients', 'api-client-removed')
        },
      }),
    ],
  }
}

async function find(clients: Pick<ClientAdministration, 'show'>, clientId: string): Promise<ClientView | undefined> {
  return clients.show(clientId).catch((fault: unknown) => {
    if (isRefusedFor(fault, 'CLIENT_UNKNOWN')) return undefined
    throw fault
  })
}

/** A registration that cannot be a client of the API is no fault of the server's. */
function asFormFault(fault: unknown): never {
  if (fault instanceof z.ZodError || fault instanceof ClientRefused) {
    throw new Refusal('ADMIN_FORM_INVALID', fault.message, { cause: fault })
  }
  throw fault
}
