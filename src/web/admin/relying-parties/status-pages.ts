import { definePage, go, type PageRoute } from '../define-page.ts'
import { refuseClient } from './refuse-client.ts'
import { siteAddress } from './site-address.ts'
import type { SiteDependencies } from './site-dependencies.ts'

/** Disables a site, and lets it go on: told to every process by the change feed, and recorded. */
export function createStatusPages({ work }: SiteDependencies): PageRoute[] {
  return (['disable', 'enable'] as const).map((what) =>
    definePage({
      method: 'post',
      path: `/relying-parties/:clientId/${what}`,
      act: 'relying-parties.disable',
      async confirm({ params, locale, t }) {
        const client = await work.clients.show(params['clientId'] ?? '').catch(refuseClient)
        return {
          titleKey: `admin.sites.confirm.${what}`,
          facts: [
            { label: t('admin.sites.confirm.name'), value: client.displayName[locale] },
            { label: t('admin.sites.other.clientId'), value: client.clientId },
          ],
          note: t(`admin.sites.confirm.${what}Note`),
        }
      },
      async handle({ actor, params }) {
        const clientId = params['clientId'] ?? ''
        await work.change(actor, (clients) => clients.setDisabled(clientId, what === 'disable')).catch(refuseClient)
        return go(siteAddress(clientId), what === 'disable' ? 'site-disabled' : 'site-enabled')
      },
    }),
  )
}
