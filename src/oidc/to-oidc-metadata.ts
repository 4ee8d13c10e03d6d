import type { AdapterPayload } from 'oidc-provider'
import type { RegisteredClient } from '../relying-party/registration.ts'

/** A registered site in the words of RFC 7591 §2, which oidc-provider reads. */
export function toOidcMetadata(client: RegisteredClient | undefined): AdapterPayload | undefined {
  if (client === undefined) return undefined
  const { clientId, clientSecret, displayName, sectorIdentifierUri } = client
  return {
    client_id: clientId,
    client_name: displayName.en,
    ...(clientSecret === undefined
      ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: clientSecret }),
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    subject_type: client.subjectType,
    ...(sectorIdentifierUri === undefined ? {} : { sector_identifier_uri: sectorIdentifierUri }),
    id_token_signed_response_alg: client.idTokenAlgorithm,
    sekisho_revocation_policy: client.revocationPolicy,
    sekisho_display_name: displayName,
  }
}
