import * as oidc from 'openid-client'

/** What came of asking an API: its answer, or how the person must sign in before it gives one. */
export type ApiAnswer =
  | { readonly outcome: 'answered'; readonly body: unknown }
  | { readonly outcome: 'sign-in-first'; readonly wishes: Readonly<Record<string, string>> }

/**
 * Asks an API with the person's access token. `insufficient_user_authentication` (RFC 9470 §3) says that the token is good but its tap of
 * the card too old or too weak for this; the site repeats `acr_values` and `max_age` in an authorization request. `invalid_token` (RFC 6750 §3.1)
 * says that it is over: a new one needs no more than the session at the provider.
 *
 * @throws whatever else went wrong
 */
export async function callApi(
  configuration: oidc.Configuration,
  accessToken: string,
  method: 'GET' | 'POST',
  address: URL,
): Promise<ApiAnswer> {
  try {
    const answer = await oidc.fetchProtectedResource(configuration, accessToken, address, method)
    if (!answer.ok) throw new Error(`the API answered ${answer.status}`)
    return { outcome: 'answered', body: await answer.json() }
  } catch (fault) {
    if (!(fault instanceof oidc.WWWAuthenticateChallengeError)) throw fault
    const [{ parameters } = { parameters: {} }] = fault.cause
    const { error, acr_values: acrValues, max_age: maxAge } = parameters as Readonly<Record<string, string | undefined>>
    if (error === 'invalid_token') return { outcome: 'sign-in-first', wishes: {} }
    if (error !== 'insufficient_user_authentication') throw fault
    const wishes = { ...(acrValues && { acr_values: acrValues }), ...(maxAge && { max_age: maxAge }) }
    return { outcome: 'sign-in-first', wishes }
  }
}
