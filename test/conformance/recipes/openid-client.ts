import * as oidc from 'openid-client'

/** Once, when your program starts. `options` is for development on this machine only. */
export function connect(
  issuer: string,
  clientId: string,
  clientSecret: string,
  options?: oidc.DiscoveryRequestOptions,
) {
  const authentication = oidc.ClientSecretBasic(clientSecret)
  return oidc.discovery(new URL(issuer), clientId, { id_token_signed_response_alg: 'ES256' }, authentication, options)
}

/** When the person presses your button: keep `pending` in their session at your site, and send them to `address`. */
export async function begin(configuration: oidc.Configuration, redirectUri: string) {
  const pending = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    codeVerifier: oidc.randomPKCECodeVerifier(),
  }
  const address = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: 'openid',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: 'S256',
  })
  return { pending, address }
}

/** When they are back. Checks state, `iss`, nonce, PKCE and everything about the ID token; throws when anything is wrong. */
export async function finish(
  configuration: oidc.Configuration,
  callback: URL,
  pending: { state: string; nonce: string; codeVerifier: string },
) {
  const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    pkceCodeVerifier: pending.codeVerifier,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  // yours to decide: take a certificate that nobody could check?
  if (claims?.['acr'] !== 'phrh') throw new Error('not signed in with a checked card')
  return { userId: claims.sub, idToken: tokens.id_token }
}
