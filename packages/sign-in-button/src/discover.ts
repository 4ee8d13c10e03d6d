import { SignInError } from './sign-in-error.ts'

export interface Endpoints {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
}

/**
 * OpenID Connect Discovery §4: the document must be the issuer's own, by its own word (§4.3).
 * @throws SignInError provider_unreachable, provider_mismatch
 */
export async function discover(issuer: string): Promise<Endpoints> {
  let document: Record<string, unknown>
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { credentials: 'omit' })
    if (!response.ok) throw new Error(String(response.status))
    document = (await response.json()) as Record<string, unknown>
  } catch (cause) {
    throw new SignInError('provider_unreachable', { cause })
  }
  const { issuer: itself, authorization_endpoint: authorization, token_endpoint: token } = document
  if (itself !== issuer || !isSafeAddress(authorization) || !isSafeAddress(token)) {
    throw new SignInError('provider_mismatch')
  }
  return { authorizationEndpoint: authorization, tokenEndpoint: token }
}

/** `https:`, or a provider on this very machine. */
export function isSafeAddress(address: unknown): address is string {
  return typeof address === 'string' && /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$))/.test(address)
}
