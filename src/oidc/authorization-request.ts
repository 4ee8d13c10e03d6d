import {
  errors,
  type Client,
  type Configuration,
  type default as Provider,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import { isFapi2 } from './client-policy.ts'
import { createRequestedScopes } from './requested-scopes.ts'
import { routeOf } from './route-of.ts'

/** By redirect, plain or signed (JARM). A form that submits itself needs a script of ours on a page that holds none. */
const RESPONSE_MODES = ['query', 'jwt', 'query.jwt']

/** How a site may ask: plainly, pushed before (RFC 9126), or signed (RFC 9101). Code and PKCE S256 always. */
export function authorizationRequest() {
  const requestedScopes = createRequestedScopes()
  return {
    responseTypes: ['code'],
    pkce: { required: () => true },
    // every client, not only those of FAPI, names the address it wants people sent to
    allowOmittingSingleRegisteredRedirectUri: false,
    features: {
      pushedAuthorizationRequests: { enabled: true, allowUnregisteredRedirectUris: false },
      requestObjects: {
        enabled: true,
        assertJwtClaimsAndHeader: (ctx, claims) => {
          requestedScopes.note(ctx, claims['scope'])
          if (isFapi2(ctx.oidc.client)) assertBoundedLife(claims)
        },
      },
      jwtResponseModes: { enabled: true },
      claimsParameter: { enabled: true },
      // asks of its clients what their metadata does not yet (to-oidc-metadata.ts)
      fapi: { enabled: true, profile: (_ctx: KoaContextWithOIDC, client: Client | undefined) => fapiProfileOf(client) },
    },
    extraParams: {
      login_hint: refuseLoginHint,
      scope: (ctx) => {
        requestedScopes.restoreOfflineAccess(ctx)
      },
    },
  } satisfies Configuration
}

const fapiProfileOf = (client: Client | undefined): '2.0' | undefined => (isFapi2(client) ? '2.0' : undefined)

/** FAPI 2.0 Message Signing §5.3.1: `nbf` and `exp`, at most an hour apart. A pushed request that was not signed has both from us. */
function assertBoundedLife(claims: Readonly<Record<string, unknown>>): void {
  const { nbf, exp } = claims
  if (typeof nbf !== 'number' || typeof exp !== 'number' || exp <= nbf || exp - nbf > 3600) {
    throw new errors.InvalidRequestObject("Request Object needs 'nbf' and 'exp', at most an hour apart")
  }
}

/** A hint names a person. Here only a card does, and to look a name up would tell whether it is known. */
function refuseLoginHint(_ctx: KoaContextWithOIDC, loginHint: string | undefined): void {
  if (loginHint === undefined) return
  throw new errors.InvalidRequest('login_hint is not supported: the card alone says who signs in')
}

/** oidc-provider asks this before it believes a response_mode; an error then goes back the plain way. */
export function allowResponseModes(provider: Provider): void {
  provider.Client.prototype.responseModeAllowed = function (mode: string): boolean {
    const params = (provider.constructor as typeof Provider).ctx?.oidc.params
    // not asked for: it follows from the response type, which is judged next
    if (RESPONSE_MODES.includes(mode) || params?.['response_mode'] === undefined) return true
    params['response_mode'] = undefined
    throw new errors.UnsupportedResponseMode()
  }
}

/** Metadata says what is true: oidc-provider lists every response mode that it knows. */
export function correctDiscovery(ctx: KoaContextWithOIDC): void {
  if (routeOf(ctx) !== 'discovery' || ctx.status !== 200) return
  Object.assign(ctx.body as object, { response_modes_supported: RESPONSE_MODES })
}
