import type { ClientView } from '../../../relying-party/client-view.ts'
import type { Consent } from '../../../relying-party/consent/consent.ts'
import { describeConsent } from '../../describe-consent.ts'
import { definePage, page, type PageRoute } from '../define-page.ts'
import { examineSite } from './examine-site.ts'
import { refuseClient } from './refuse-client.ts'
import { siteAddress } from './site-address.ts'
import type { SiteDependencies } from './site-dependencies.ts'

/**
 * Tries a registration without changing anything: the provider loads it as for a request, people's consent page is drawn, and the site
 * itself is asked to begin a sign-in. The console never takes a code in a site's place: it has no redirect address there.
 */
export function createTryPage({ work, issuer, findApi, loadAsProvider }: SiteDependencies): PageRoute {
  return definePage({
    method: 'get',
    path: '/relying-parties/:clientId/try',
    act: 'relying-parties.test',
    async handle({ params, locale }) {
      const client = await work.clients.show(params['clientId'] ?? '').catch(refuseClient)
      const fault = client.status === 'enabled' ? await loadAsProvider(client.clientId) : undefined
      return page('admin/relying-parties/try', 'admin.sites.try.title', {
        site: { name: client.displayName[locale], href: siteAddress(client.clientId) },
        findings: examineSite(client, fault),
        startHref: startOf(client, issuer),
        firstParty: client.firstParty,
        names: client.displayName,
        items: await describeConsent(mostOf(client), locale, findApi),
        sharesSubject: client.subjectType === 'public',
        hasPeople: client.redirectUris.length > 0,
      })
    },
  })
}

/** OpenID Connect Core §4: `iss` says whose people are to be signed in. */
function startOf({ initiateLoginUri }: ClientView, issuer: string): string | undefined {
  if (initiateLoginUri === undefined) return undefined
  const start = new URL(initiateLoginUri)
  start.searchParams.set('iss', issuer)
  return start.href
}

/** All that it may ever ask of a person. */
function mostOf({ grantTypes, resources }: ClientView): Consent {
  return {
    scopes: ['openid', ...(grantTypes.includes('refresh_token') ? ['offline_access'] : [])],
    claims: [],
    resourceScopes: resources.flatMap(({ resource, scopes }) => scopes.map((scope) => `${resource} ${scope}`)),
  }
}
