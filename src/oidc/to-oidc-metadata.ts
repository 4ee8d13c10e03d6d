import type { AdapterPayload } from 'oidc-provider'
import type { ServedClient } from '../relying-party/client-registry.ts'
import { secretMetadataOf } from './accept-digested-secrets.ts'

/** A registered site in the words of RFC 7591 §2, which oidc-provider reads. */
export function toOidcMetadata(client: ServedClient | undefined): AdapterPayload | undefined {
  if (client === undefined) return undefined
  const { clientId, displayName, sectorIdentifierUri } = client
  return {
    client_id: clientId,
    client_name: displayName.en,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    ...(client.tokenEndpointAuthMethod === 'client_secret_basic' ? secretMetadataOf(client.secrets) : {}),
    ...(client.logoUri === undefined ? {} : { logo_uri: client.logoUri }),
    ...(client.policyUri === undefined ? {} : { policy_uri: client.policyUri }),
    ...(client.tosUri === undefined ? {} : { tos_uri: client.tosUri }),
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    subject_type: client.subjectType,
    ...(sectorIdentifierUri === undefined ? {} : { sector_identifier_uri: sectorIdentifierUri }),
    id_token_signed_response_alg: client.idTokenAlgorithm,
    sekisho_revocation_policy: client.revocationPolicy,
    sekisho_display_name: displayName,
  }
}
