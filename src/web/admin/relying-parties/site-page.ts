import { mayRole } from '../../../administration/permissions.ts'
import { authMethodOf } from '../../../relying-party/auth-method.ts'
import { writeMoment } from '../../describe-overview.ts'
import { definePage, page, type PageRoute } from '../define-page.ts'
import { describeFields } from './describe-site.ts'
import { kindOf } from './form/site-kind.ts'
import { refuseClient } from './refuse-client.ts'
import { KEEP_OLD } from './secret-page.ts'
import { siteAddress } from './site-address.ts'
import type { SiteDependencies } from './site-dependencies.ts'

/** One site: what is set, its secrets (never what they are), and what can be done with it. */
export function createSitePage({ work, builtIn }: SiteDependencies): PageRoute {
  return definePage({
    method: 'get',
    path: '/relying-parties/:clientId',
    act: 'relying-parties.read',
    async handle({ params, locale, t, admin }) {
      const client = await work.clients.show(params['clientId'] ?? '').catch(refuseClient)
      const { clientId, status, version, createdAt, updatedAt, disabledAt, secrets, displayName, ...settings } = client
      return page('admin/relying-parties/site', 'admin.sites.show.title', {
        site: {
          clientId,
          name: displayName[locale],
          kind: kindOf(client),
          status,
          version,
          createdAt: writeMoment(createdAt, locale),
          updatedAt: writeMoment(updatedAt, locale),
          disabledAt: disabledAt && writeMoment(disabledAt, locale),
          secrets: secrets.map(({ createdAt: since, endsAt }) => ({
            createdAt: writeMoment(since, locale),
            endsAt: endsAt && writeMoment(endsAt, locale),
          })),
          hasSecret: authMethodOf(client) === 'client_secret_basic',
          href: siteAddress(clientId),
          tryHref: siteAddress(clientId, 'try'),
          editHref: siteAddress(clientId, 'edit'),
        },
        settings: describeFields({ displayName, ...settings }, t),
        mayChange: mayRole(admin.role, 'relying-parties.edit') && !builtIn.includes(clientId),
        linksHref: mayRole(admin.role, 'relying-parties.links.read') ? siteAddress(clientId, 'links') : undefined,
        isBuiltIn: builtIn.includes(clientId),
        keepOld: KEEP_OLD,
        historyHref: `/admin/audit?${new URLSearchParams({ clientId, type: 'client.changed' }).toString()}`,
        signInsHref: `/admin/audit?${new URLSearchParams({ clientId }).toString()}`,
      })
    },
  })
}
