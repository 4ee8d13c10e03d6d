import { encodeBase64url, randomText } from './base64url.ts'
import { discover, isSafeAddress } from './discover.ts'
import { keepPending } from './pending-sign-in.ts'
import { SignInError } from './sign-in-error.ts'
import { toAddress } from './to-address.ts'

export interface SignInOptions {
  /** The provider: `https://id.example.jp`, without a slash at the end. */
  readonly issuer: string
  /** Of a public client (`applicationType: spa`). */
  readonly clientId: string
  /** As registered; may be written relative to the page. */
  readonly redirectUri: string
  /** Default `openid`. */
  readonly scope?: string | undefined
  readonly uiLocales?: string | undefined
  /** `phrh`: only a card whose certificate was checked. */
  readonly acrValues?: string | undefined
  /** Seconds since the last tap of the card; `0` always asks for the card. */
  readonly maxAge?: string | undefined
}

/**
 * Code flow with PKCE S256 (RFC 7636), state and nonce, kept in this tab.
 * @returns where to send the browser
 * @throws SignInError
 */
export async function beginSignIn(options: SignInOptions): Promise<string> {
  const { issuer, clientId, scope = 'openid', uiLocales, acrValues, maxAge } = options
  const redirectUri = toAddress(options.redirectUri || undefined)?.href
  if (!isSafeAddress(issuer) || !clientId || redirectUri === undefined) throw new SignInError('configuration_invalid')
  // `subtle` is absent where the page is not a secure context, whatever the types say
  if (!(globalThis.crypto as Partial<Crypto> | undefined)?.subtle) throw new SignInError('browser_unsupported')

  const { authorizationEndpoint } = await discover(issuer)
  const [state, nonce, verifier] = [randomText(), randomText(), randomText()]
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  try {
    keepPending({ issuer, clientId, redirectUri, state, nonce, verifier })
  } catch (cause) {
    throw new SignInError('browser_unsupported', { cause })
  }
  const request = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: encodeBase64url(new Uint8Array(challenge)),
    code_challenge_method: 'S256',
    ...(uiLocales && { ui_locales: uiLocales }),
    ...(acrValues && { acr_values: acrValues }),
    ...(maxAge && { max_age: maxAge }),
  }
  const address = new URL(authorizationEndpoint)
  for (const [name, value] of Object.entries(request)) address.searchParams.set(name, value)
  return address.href
}
