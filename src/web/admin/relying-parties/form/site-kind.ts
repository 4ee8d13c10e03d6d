import type { UnverifiedFields } from '../../../../relying-party/client-administration.ts'
import type { ClientView } from '../../../../relying-party/client-view.ts'

/** What is to be registered, in the words of whoever registers it. */
export const SITE_KINDS = ['server', 'spa', 'native', 'service', 'api'] as const
export type SiteKind = (typeof SITE_KINDS)[number]

/** What follows from the kind and is therefore no question of the form. */
export const FIELDS_OF_KIND: Readonly<Record<SiteKind, UnverifiedFields>> = {
  server: { applicationType: 'web' },
  spa: { applicationType: 'spa', tokenEndpointAuthMethod: 'none' },
  native: { applicationType: 'native', tokenEndpointAuthMethod: 'none' },
  service: { applicationType: 'web', grantTypes: ['client_credentials'] },
  api: { applicationType: 'web' },
}

/** Of one that is registered: it decides which questions stand open in the form; nothing that was set is hidden by it. */
export function kindOf(client: Pick<ClientView, 'applicationType' | 'resourceServer' | 'redirectUris'>): SiteKind {
  if (client.applicationType !== 'web') return client.applicationType
  if (client.redirectUris.length > 0) return 'server'
  return client.resourceServer === undefined ? 'service' : 'api'
}

export function isSiteKind(text: unknown): text is SiteKind {
  return SITE_KINDS.some((kind) => kind === text)
}
