import { isFapiAlgorithm } from './algorithms.ts'
import { authMethodOf } from './auth-method.ts'
import { isPrivateUse } from './redirect-uri.ts'
import type { RegisteredClient } from './registration-fields.ts'

export interface RegistrationFault {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The rules between fields. Each names the field that must change. */
export function checkTogether(client: RegisteredClient): RegistrationFault[] {
  return [...checkSignIn(client), ...checkKeys(client), ...checkService(client), ...checkFapi(client)]
}

const fault = (condition: boolean, field: string, message: string): RegistrationFault[] =>
  condition ? [{ path: [field], message }] : []

function checkSignIn(client: RegisteredClient): RegistrationFault[] {
  const { redirectUris, linkReturnUris, grantTypes, applicationType, subjectType, sectorIdentifierUri } = client
  const signsIn = grantTypes.includes('authorization_code') && client.resourceServer === undefined
  const places = new Set(redirectUris.filter((uri) => URL.canParse(uri)).map(placeOf))
  return [
    ...fault(signsIn && redirectUris.length === 0, 'redirectUris', 'must name an address to send people back to'),
    ...fault(
      applicationType !== 'native' && redirectUris.some(isPrivateUse),
      'redirectUris',
      'must be https: (a scheme of its own is for native applications)',
    ),
    ...fault(
      applicationType !== 'native' && linkReturnUris.some(isPrivateUse),
      'linkReturnUris',
      'must be https: (a scheme of its own is for native applications)',
    ),
    ...fault(
      subjectType === 'pairwise' && sectorIdentifierUri === undefined && places.size > 1,
      'sectorIdentifierUri',
      'must be set when the redirect URIs have several hosts, or a host and a scheme of their own',
    ),
    ...fault(
      grantTypes.includes('refresh_token') && !grantTypes.includes('authorization_code'),
      'grantTypes',
      'refresh_token needs authorization_code',
    ),
  ]
}

/** Whose it is: anybody writes any host behind a scheme of their own, and must not get the sector of that host by it (sector.ts). */
function placeOf(uri: string): string {
  return isPrivateUse(uri) ? 'a scheme of its own' : new URL(uri).host
}

function checkKeys(client: RegisteredClient): RegistrationFault[] {
  const { clientSecret, jwks, jwksUri, applicationType } = client
  const hasKeys = jwks !== undefined || jwksUri !== undefined
  return [
    ...fault(jwks !== undefined && jwksUri !== undefined, 'jwksUri', 'is set together with jwks: choose one'),
    // RFC 6749 §2.1: what runs at the person keeps no secret
    ...fault(
      clientSecret !== undefined && applicationType !== 'web',
      'clientSecret',
      'cannot be kept by an application that runs at the person',
    ),
    ...fault(
      authMethodOf(client) === 'client_secret_basic' && clientSecret === undefined,
      'clientSecret',
      'must be set for client_secret_basic',
    ),
    ...fault(authMethodOf(client) === 'private_key_jwt' && !hasKeys, 'jwks', 'must be set for private_key_jwt'),
    ...fault(client.requireSignedRequestObject && !hasKeys, 'jwks', 'must be set to sign request objects'),
  ]
}

function checkService(client: RegisteredClient): RegistrationFault[] {
  const { grantTypes, resourceServer, resources, scopeDescriptions = {} } = client
  const isPublic = authMethodOf(client) === 'none'
  return [
    ...fault(isPublic && resourceServer !== undefined, 'clientSecret', 'must be set (or jwks) for a resource server'),
    ...fault(
      isPublic && grantTypes.includes('client_credentials'),
      'clientSecret',
      'must be set (or jwks) for client_credentials',
    ),
    ...fault(
      grantTypes.includes('client_credentials') && resources.length === 0,
      'resources',
      'must name an API for client_credentials',
    ),
    ...fault(
      Object.keys(scopeDescriptions).some((scope) => resourceServer?.scopes.includes(scope) !== true),
      'scopeDescriptions',
      'describes a scope that this client does not have as an API',
    ),
    ...fault(
      new Set(resources.map(({ resource }) => resource)).size < resources.length,
      'resources',
      'names an API twice',
    ),
  ]
}

/** FAPI 2.0 Security Profile §5.3.2.1, §5.4. PAR and DPoP need no field: the profile itself asks for them. */
function checkFapi(client: RegisteredClient): RegistrationFault[] {
  if (client.profile !== 'fapi2') return []
  return [
    ...fault(
      authMethodOf(client) !== 'private_key_jwt',
      'jwks',
      'must be set for fapi2, which knows private_key_jwt only',
    ),
    ...fault(!isFapiAlgorithm(client.clientAssertionAlgorithm), 'clientAssertionAlgorithm', 'is not allowed in fapi2'),
    ...fault(!isFapiAlgorithm(client.idTokenAlgorithm), 'idTokenAlgorithm', 'is not allowed in fapi2'),
    ...fault(
      !isFapiAlgorithm(client.authorizationResponseAlgorithm),
      'authorizationResponseAlgorithm',
      'is not allowed in fapi2',
    ),
    ...fault(
      client.requestObjectAlgorithm !== undefined && !isFapiAlgorithm(client.requestObjectAlgorithm),
      'requestObjectAlgorithm',
      'is not allowed in fapi2',
    ),
  ]
}
