/** How a client proves itself at our endpoints (OpenID Connect Core §9). */
export const AUTH_METHODS = ['client_secret_basic', 'private_key_jwt', 'none'] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

/** What it registered; else what its other fields say, a secret first. */
export function authMethodOf(
  client: Readonly<{
    tokenEndpointAuthMethod?: AuthMethod | undefined
    clientSecret?: string | undefined
    jwks?: object | undefined
    jwksUri?: string | undefined
  }>,
): AuthMethod {
  if (client.tokenEndpointAuthMethod !== undefined) return client.tokenEndpointAuthMethod
  if (client.clientSecret !== undefined) return 'client_secret_basic'
  return client.jwks === undefined && client.jwksUri === undefined ? 'none' : 'private_key_jwt'
}
