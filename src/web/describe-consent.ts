import { scopesByResource, type Consent } from '../relying-party/consent/consent.ts'
import type { Locale } from './locale.ts'

/** Port (relying-party/): an API as people know it. */
export type FindApi = (resource: string) => Promise<
  | {
      readonly displayName: Readonly<Record<Locale, string>>
      readonly scopeDescriptions?: Readonly<Record<string, Readonly<Record<Locale, string>>>> | undefined
    }
  | undefined
>

/** A consent in the words of a page (views/partials/consent-items.ejs). */
export interface ConsentItems {
  /** The number that only this site gets. */
  readonly knows: boolean
  readonly certificate: boolean
  readonly whileAway: boolean
  readonly apis: readonly { readonly name: string; readonly does: readonly string[] }[]
}

/** Where an API did not say in words what a scope does, its name has to do. */
export async function describeConsent(consent: Consent, locale: Locale, findApi: FindApi): Promise<ConsentItems> {
  const apis = await Promise.all(
    [...scopesByResource(consent)].map(async ([resource, scopes]) => {
      const api = await findApi(resource)
      return {
        name: api?.displayName[locale] ?? resource,
        does: scopes.map((scope) => api?.scopeDescriptions?.[scope]?.[locale] ?? scope),
      }
    }),
  )
  return {
    knows: consent.scopes.includes('openid'),
    certificate: consent.claims.includes('cert_status'),
    whileAway: consent.scopes.includes('offline_access'),
    apis,
  }
}
