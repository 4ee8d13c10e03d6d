import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Consent } from '../../relying-party/consent/consent.ts'

/** Claims of which a person is asked. The others say that and how the card was tapped, as every sign-in must (design.md §8). */
export const CONSENTED_CLAIMS: readonly string[] = ['cert_status']

/** What this request asks for that a person has a say in. What the provider does not know it never gives either. */
export function requestedConsent({ oidc }: KoaContextWithOIDC): Consent {
  return {
    scopes: [...oidc.requestParamOIDCScopes],
    claims: [...oidc.requestParamClaims].filter((claim) => CONSENTED_CLAIMS.includes(claim)),
    resourceScopes: Object.entries(oidc.resourceServers ?? {}).flatMap(([resource, { scopes }]) =>
      [...oidc.requestParamScopes].filter((scope) => scopes.has(scope)).map((scope) => `${resource} ${scope}`),
    ),
  }
}
