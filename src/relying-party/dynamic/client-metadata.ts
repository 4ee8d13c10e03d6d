import type { UnverifiedFields } from '../client-administration.ts'
import type { ClientView } from '../client-view.ts'

/** Names of RFC 7591 §2 and its kin, and what they are called in a registration. What is not here is ignored (RFC 7591 §2). */
const NAMES = {
  redirect_uris: 'redirectUris',
  post_logout_redirect_uris: 'postLogoutRedirectUris',
  token_endpoint_auth_method: 'tokenEndpointAuthMethod',
  token_endpoint_auth_signing_alg: 'clientAssertionAlgorithm',
  grant_types: 'grantTypes',
  logo_uri: 'logoUri',
  policy_uri: 'policyUri',
  tos_uri: 'tosUri',
  jwks: 'jwks',
  jwks_uri: 'jwksUri',
  subject_type: 'subjectType',
  sector_identifier_uri: 'sectorIdentifierUri',
  default_max_age: 'defaultMaxAge',
  id_token_signed_response_alg: 'idTokenAlgorithm',
  authorization_signed_response_alg: 'authorizationResponseAlgorithm',
  request_object_signing_alg: 'requestObjectAlgorithm',
  require_signed_request_object: 'requireSignedRequestObject',
  require_pushed_authorization_requests: 'requirePushedAuthorizationRequests',
  dpop_bound_access_tokens: 'requireDpop',
  backchannel_logout_uri: 'backchannelLogoutUri',
  initiate_login_uri: 'initiateLoginUri',
} as const

/**
 * From the words of RFC 7591 to those of a registration, unverified. What only an operator may grant has no word here: unchecked
 * certificates, APIs, profiles. Names by language as in RFC 7591 §2.2: `client_name#ja`; one alone stands for both.
 */
export function toRegistrationFields(metadata: Readonly<Record<string, unknown>>): UnverifiedFields {
  const plain = metadata['client_name']
  const ja = metadata['client_name#ja'] ?? plain ?? metadata['client_name#en']
  const en = metadata['client_name#en'] ?? plain ?? metadata['client_name#ja']
  const fields = Object.entries(NAMES).flatMap(([name, field]) =>
    metadata[name] === undefined || metadata[name] === null ? [] : [[field, metadata[name]]],
  )
  return {
    ...(Object.fromEntries(fields) as Record<string, unknown>),
    applicationType: metadata['application_type'] === 'native' ? 'native' : 'web',
    displayName: { ja, en },
  }
}

/** The same where all of a registration is replaced: what is not said goes back to its default (RFC 7592 §2.2). */
export function toReplacingFields(metadata: Readonly<Record<string, unknown>>): UnverifiedFields {
  return {
    ...Object.fromEntries(Object.values(NAMES).map((field) => [field, null])),
    ...toRegistrationFields(metadata),
  }
}

/** What was registered, defaults included, in the words of RFC 7591 §3.2.1. */
export function toClientMetadata(client: ClientView): Record<string, unknown> {
  const fields = client as unknown as Readonly<Record<string, unknown>>
  const known = Object.entries(NAMES).flatMap(([name, field]) =>
    fields[field] === undefined ? [] : [[name, fields[field]]],
  )
  return {
    client_id: client.clientId,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    client_name: client.displayName.en,
    'client_name#ja': client.displayName.ja,
    application_type: client.applicationType === 'native' ? 'native' : 'web',
    response_types: ['code'],
    ...(Object.fromEntries(known) as Record<string, unknown>),
  }
}

/** The name by which whoever registers knows a field of ours. */
export function metadataNameOf(field: string): string {
  if (field === 'displayName') return 'client_name'
  return Object.entries(NAMES).find(([, ours]) => ours === field)?.[0] ?? field
}
