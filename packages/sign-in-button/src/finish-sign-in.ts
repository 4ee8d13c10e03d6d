import { checkIdToken, type Claims } from './check-id-token.ts'
import { discover } from './discover.ts'
import { takePending, type PendingSignIn } from './pending-sign-in.ts'
import { codeOf, SignInError } from './sign-in-error.ts'

export interface SignedIn {
  readonly claims: Claims
  readonly idToken: string
  /** For userinfo alone, unless an API was asked for. */
  readonly accessToken: string
}

/** Parameters of a response (RFC 6749 §4.1.2, RFC 9207); the rest of the address is the site's own. */
const RESPONSE = ['code', 'state', 'iss', 'error', 'error_description']

/**
 * For the page at the redirect address of a public client: takes the response out of the address, checks `state` and `iss`,
 * exchanges the code and checks the claims of the ID token.
 *
 * @param address of the page; its own when left out
 * @returns undefined where the address holds no response
 * @throws SignInError with a code of this package, or that of the provider
 */
export async function finishSignIn(address: string | URL = location.href): Promise<SignedIn | undefined> {
  const { searchParams } = new URL(address)
  if (!searchParams.has('state') || !(searchParams.has('code') || searchParams.has('error'))) return undefined
  forgetResponse()
  try {
    const pending = takePending()
    // once: a response that comes again, or from elsewhere, has nothing to match
    if (pending?.state !== searchParams.get('state')) throw new SignInError('state_unknown')
    if (pending.issuer !== searchParams.get('iss')) throw new SignInError('issuer_mismatch')
    const error = searchParams.get('error')
    if (error !== null) throw new SignInError(/^[a-z_]{1,64}$/.test(error) ? error : 'response_invalid')
    const signedIn = await exchange(pending, searchParams.get('code') ?? '')
    tell('sign-in-finish', {})
    return signedIn
  } catch (fault) {
    tell('sign-in-error', { code: codeOf(fault) })
    throw fault
  }
}

async function exchange(pending: PendingSignIn, code: string): Promise<SignedIn> {
  const { tokenEndpoint } = await discover(pending.issuer)
  let response: Response
  try {
    response = await fetch(tokenEndpoint, {
      method: 'POST',
      credentials: 'omit',
      redirect: 'error',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: pending.clientId,
        redirect_uri: pending.redirectUri,
        code,
        code_verifier: pending.verifier,
      }),
    })
  } catch (cause) {
    throw new SignInError('provider_unreachable', { cause })
  }
  if (!response.ok) throw new SignInError('token_refused')
  const { id_token: idToken, access_token: accessToken } = (await response.json()) as Record<string, unknown>
  const claims = checkIdToken(idToken, pending, Date.now())
  return { claims, idToken: String(idToken), accessToken: String(accessToken) }
}

/** A code must not stay in the address, where the history and the next page see it. */
function forgetResponse(): void {
  const page = new URL(location.href)
  for (const name of RESPONSE) page.searchParams.delete(name)
  history.replaceState(history.state, '', page)
}

function tell(type: string, detail: object): void {
  document.dispatchEvent(new CustomEvent(type, { detail }))
}
