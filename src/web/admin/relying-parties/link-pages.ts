import { z } from 'zod'
import { writeMoment } from '../../describe-overview.ts'
import { definePage, go, page, type PageRoute } from '../define-page.ts'
import { refuseClient } from './refuse-client.ts'
import { siteAddress } from './site-address.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const LINKS_ON_A_PAGE = 50
const CURSOR = /^[1-9]\d{0,17}$/

/** Users of a site who are people here; by what the site calls them, never who they are. */
export function createLinkPages({ work, links }: SiteDependencies): PageRoute[] {
  return [
    definePage({
      method: 'get',
      path: '/relying-parties/:clientId/links',
      act: 'relying-parties.links.read',
      async handle({ params, query, locale, admin }) {
        const client = await work.clients.show(params['clientId'] ?? '').catch(refuseClient)
        const cursor = CURSOR.test(query['after'] ?? '') ? query['after'] : undefined
        const { links: found, nextCursor } = await links.list(client.clientId, { cursor, limit: LINKS_ON_A_PAGE })
        const href = siteAddress(client.clientId, 'links')
        return page('admin/relying-parties/links', 'admin.sites.links.title', {
          site: { name: client.displayName[locale], href: siteAddress(client.clientId), linksHref: href },
          links: found.map(({ externalId, linkedAt }) => ({ externalId, since: writeMoment(linkedAt, locale) })),
          nextHref: nextCursor === undefined ? undefined : `${href}?after=${nextCursor}`,
          mayRemove: admin.role === 'operator' || admin.role === 'owner',
        })
      },
    }),
    definePage({
      method: 'post',
      path: '/relying-parties/:clientId/links/remove',
      act: 'relying-parties.links.remove',
      form: z.strictObject({ externalId: z.string().min(1).max(255) }),
      async confirm({ params, fields, locale, t }) {
        const client = await work.clients.show(params['clientId'] ?? '').catch(refuseClient)
        return {
          titleKey: 'admin.sites.links.confirm',
          facts: [
            { label: t('admin.sites.confirm.name'), value: client.displayName[locale] },
            { label: t('admin.sites.links.externalId'), value: fields.externalId },
          ],
          note: t('admin.sites.links.lead'),
        }
      },
      async handle({ actor, params, fields }) {
        const clientId = params['clientId'] ?? ''
        await links.remove(clientId, fields.externalId, actor)
        return go(siteAddress(clientId, 'links'), 'link-removed')
      },
    }),
  ]
}
