import type { JWKS } from 'oidc-provider'
import { Provider, type AdapterFactory } from 'oidc-provider'
import { ACCESS_TOKEN_SECONDS, API, API_CLIENT, API_SCOPE, CALLBACK, SECRET, SITE } from '../../scene.ts'

export type SigningAlgorithm = 'ES256' | 'RS256'

/** Beyond the standard: how and when the person was authenticated. */
const WHAT_OURS_SAYS = {
  acr: 'https://sekisho.example/acr/card',
  amr: ['sc', 'pin'],
  auth_time: Math.floor(Date.now() / 1000),
  cert_status: { status: 'good', method: 'ocsp', source: 'ocsp', checked_at: Math.floor(Date.now() / 1000) },
}

/**
 * oidc-provider as one configures it by its documentation for the same site and API as ours: static clients, resource indicators,
 * introspection, rotation. What a token says beyond the standard is the same as ours says, so that answers can be compared.
 */
export function createStockProvider(options: {
  readonly issuer: string
  readonly adapter: AdapterFactory
  readonly algorithm: SigningAlgorithm
  readonly jwks: JWKS
}): Provider {
  const { issuer, adapter, algorithm, jwks } = options
  return new Provider(issuer, {
    adapter,
    jwks,
    clients: [
      {
        client_id: SITE,
        client_secret: SECRET,
        redirect_uris: [CALLBACK],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        id_token_signed_response_alg: algorithm,
      },
      {
        client_id: API_CLIENT,
        client_secret: SECRET,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        id_token_signed_response_alg: algorithm,
      },
    ],
    cookies: { keys: ['the same key for every request of the bench'] },
    scopes: ['openid', 'offline_access'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: API_SCOPE,
          audience: API,
          accessTokenFormat: 'opaque',
          accessTokenTTL: ACCESS_TOKEN_SECONDS,
        }),
        useGrantedResource: () => true,
      },
    },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      Grant: 30 * 86_400,
      IdToken: 3600,
      Interaction: 1800,
      RefreshToken: 30 * 86_400,
      Session: 28_800,
    },
    extraTokenClaims: () => WHAT_OURS_SAYS,
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  })
}
