import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import { isNoConsent, scopesByResource, type Consent } from '../../relying-party/consent/consent.ts'
import { grantLife } from '../token-lives.ts'
import type { GrantedConsent } from './granted-consent.ts'
import { CONSENTED_CLAIMS } from './requested-consent.ts'

/** The grant of this session at this client, with what of this request its person has agreed to. */
export function createLoadGrant(
  sessionSeconds: number,
  granted: GrantedConsent,
): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { client, session, provider } = ctx.oidc
    if (client === undefined || session?.accountId === undefined) return undefined
    const consent = await granted(ctx)
    // the person is asked first; until then there is nothing to keep
    if (isNoConsent(consent)) return undefined
    const grantId = session.grantIdFor(client.clientId)
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
    const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
    addGranted(grant, ctx, consent)
    // from now on: it must outlive the tokens that are made of it today
    grant.exp = Math.floor(Date.now() / 1000) + grantLife(grant, sessionSeconds)
    await grant.save()
    return grant
  }
}

function addGranted(grant: Grant, { oidc }: KoaContextWithOIDC, consent: Consent): void {
  grant.addOIDCScope(consent.scopes.join(' '))
  grant.addOIDCClaims([...oidc.requestParamClaims].filter((claim) => !CONSENTED_CLAIMS.includes(claim)))
  grant.addOIDCClaims([...consent.claims])
  for (const [resource, scopes] of scopesByResource(consent)) grant.addResourceScope(resource, scopes.join(' '))
}
