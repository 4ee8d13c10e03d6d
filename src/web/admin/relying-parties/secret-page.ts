import { z } from 'zod'
import { definePage, page, type PageRoute } from '../define-page.ts'
import { refuseClient } from './refuse-client.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const HOUR_MS = 3_600_000

/** How long the secret before may be accepted beside the new one. */
export const KEEP_OLD = ['24h', '1h', '7d', '0'] as const
const KEEP_OLD_MS: Readonly<Record<(typeof KEEP_OLD)[number], number>> = {
  '0': 0,
  '1h': HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 168 * HOUR_MS,
}

/** Draws a secret, which the page after the tap shows, and nothing ever again: the form carries a version, so that sent twice it draws one. */
export function createSecretPage({ work }: SiteDependencies): PageRoute {
  return definePage({
    method: 'post',
    path: '/relying-parties/:clientId/secret',
    act: 'relying-parties.rotate-secret',
    form: z.strictObject({ keepOldFor: z.enum(KEEP_OLD), version: z.coerce.number().int().positive() }),
    async confirm({ params, fields, locale, t }) {
      const client = await work.clients.show(params['clientId'] ?? '').catch(refuseClient)
      return {
        titleKey: 'admin.sites.confirm.rotate',
        facts: [
          { label: t('admin.sites.confirm.name'), value: client.displayName[locale] },
          { label: t('admin.sites.other.clientId'), value: client.clientId },
          { label: t('admin.sites.confirm.keepOld'), value: t(`admin.sites.secret.keep.${fields.keepOldFor}`) },
        ],
      }
    },
    async handle({ actor, params, fields: { keepOldFor, version } }) {
      const { client, clientSecret } = await work
        .change(actor, (clients) =>
          clients.rotateSecret(params['clientId'] ?? '', { keepOldForMs: KEEP_OLD_MS[keepOldFor], version }),
        )
        .catch(refuseClient)
      return page('admin/relying-parties/registered', 'admin.sites.secret.title', {
        clients: [{ clientId: client.clientId, displayName: client.displayName, clientSecret }],
      })
    },
  })
}
