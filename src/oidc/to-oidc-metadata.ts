import type { AdapterPayload } from 'oidc-provider'
import type { ServedClient } from '../relying-party/client-registry.ts'
import { sectorOfClient } from '../relying-party/sector.ts'
import { secretMetadataOf } from './accept-digested-secrets.ts'

/** A registered site in the words of RFC 7591 §2, which oidc-provider reads. */
export function toOidcMetadata(client: ServedClient | undefined): AdapterPayload | undefined {
  if (client === undefined) return undefined
  const { displayName, redirectUris, resourceServer } = client
  const isFapi2 = client.profile === 'fapi2'
  return withoutUndefined({
    client_id: client.clientId,
    client_name: displayName.en,
    logo_uri: client.logoUri,
    policy_uri: client.policyUri,
    tos_uri: client.tosUri,
    application_type: client.applicationType === 'native' ? 'native' : 'web',

    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    ...(client.tokenEndpointAuthMethod === 'client_secret_basic' ? secretMetadataOf(client.secrets) : {}),
    ...(client.tokenEndpointAuthMethod === 'private_key_jwt'
      ? { token_endpoint_auth_signing_alg: client.clientAssertionAlgorithm }
      : {}),
    jwks: client.jwks,
    jwks_uri: client.jwksUri,

    grant_types: client.grantTypes,
    response_types: redirectUris.length > 0 && client.grantTypes.includes('authorization_code') ? ['code'] : [],
    redirect_uris: redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    backchannel_logout_uri: client.backchannelLogoutUri,
    backchannel_logout_session_required: client.backchannelLogoutUri !== undefined,
    // only with a sector_identifier_uri does oidc-provider have something to check; sectors are ours (subject-of.ts)
    subject_type: client.sectorIdentifierUri === undefined ? 'public' : 'pairwise',
    sector_identifier_uri: client.sectorIdentifierUri,
    default_max_age: client.defaultMaxAge,

    id_token_signed_response_alg: client.idTokenAlgorithm,
    authorization_signed_response_alg: client.authorizationResponseAlgorithm,
    introspection_signed_response_alg: resourceServer?.signingAlgorithm ?? client.idTokenAlgorithm,
    request_object_signing_alg:
      client.requestObjectAlgorithm ?? (isFapi2 ? client.clientAssertionAlgorithm : undefined),
    require_signed_request_object: client.requireSignedRequestObject,
    // FAPI 2.0 Security Profile §5.3.2.2
    require_pushed_authorization_requests: isFapi2 || client.requirePushedAuthorizationRequests,
    dpop_bound_access_tokens: isFapi2 || client.requireDpop,

    sekisho_profile: client.profile,
    sekisho_sector: sectorOfClient(client),
    sekisho_resource: resourceServer?.resource,
    sekisho_resources: client.resources,
    sekisho_revocation_policy: client.revocationPolicy,
    sekisho_display_name: displayName,
    sekisho_first_party: client.firstParty,
  })
}

function withoutUndefined(metadata: AdapterPayload): AdapterPayload {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined))
}
