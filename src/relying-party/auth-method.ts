import type { RegisteredClient } from './registration.ts'

/** How a client proves itself at our endpoints (OpenID Connect Core §9). */
export const AUTH_METHODS = ['client_secret_basic', 'private_key_jwt', 'none'] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

/** What it registered; else what its other fields say, a secret first. */
export function authMethodOf(
  client: Pick<RegisteredClient, 'tokenEndpointAuthMethod' | 'clientSecret' | 'jwks' | 'jwksUri'>,
): AuthMethod {
  if (client.tokenEndpointAuthMethod !== undefined) return client.tokenEndpointAuthMethod
  if (client.clientSecret !== undefined) return 'client_secret_basic'
  return client.jwks === undefined && client.jwksUri === undefined ? 'none' : 'private_key_jwt'
}
