/** What can go wrong here. Codes of the provider (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6) come through as they are. */
export type ButtonErrorCode =
  /** An attribute is missing or no address. */
  | 'configuration_invalid'
  /** No `crypto.subtle` (the page is not https), or no session storage. */
  | 'browser_unsupported'
  | 'provider_unreachable'
  /** The discovery document is of somebody else. */
  | 'provider_mismatch'
  /** This tab did not begin the sign-in that the response belongs to. */
  | 'state_unknown'
  /** RFC 9207: the response comes from another provider. */
  | 'issuer_mismatch'
  | 'response_invalid'
  | 'token_refused'
  | 'id_token_invalid'

/** Why nobody is signed in. It never holds anything of the person. */
export class SignInError extends Error {
  override readonly name = 'SignInError'
  /** A `ButtonErrorCode`, or an error code of the provider such as `access_denied`. */
  readonly code: string

  constructor(code: ButtonErrorCode | (string & {}), options?: { cause?: unknown }) {
    super(code, options)
    this.code = code
  }
}

export function codeOf(fault: unknown): string {
  return fault instanceof SignInError ? fault.code : 'response_invalid'
}
