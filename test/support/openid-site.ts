import * as oidc from 'openid-client'
import { CALLBACK, SECRET, type ConformanceSystem } from './conformance-system.ts'
import { keepSecret } from './keep-logs.ts'
import type { PersonWithCard } from './person-with-card.ts'

/** A site that does everything right, with openid-client. */
export interface OpenidSite {
  readonly configuration: oidc.Configuration
  /** One sign-in, or what is left of it where the person is signed in already. */
  signIn(person: PersonWithCard, options?: SignInOptions): Promise<SignedIn>
  /** As far as the response at the site. */
  begin(person: PersonWithCard, options?: SignInOptions): Promise<Response>
}

export interface SignInOptions {
  readonly parameters?: Record<string, string>
  readonly dpop?: oidc.DPoPHandle
  /** How the request travels. */
  readonly by?: 'plain' | 'pushed'
}

interface Response {
  readonly address: URL
  readonly verifier: string
  readonly state: string
  readonly nonce: string
}

export type SignedIn = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers

/** @param authenticate how the site proves itself; by its secret unless said otherwise */
export async function openidSite(
  system: ConformanceSystem,
  clientId: string,
  authenticate: oidc.ClientAuth = oidc.ClientSecretBasic(SECRET),
  metadata: Partial<oidc.ClientMetadata> = {},
): Promise<OpenidSite> {
  const configuration = await oidc.discovery(
    new URL(system.issuer),
    clientId,
    { id_token_signed_response_alg: 'ES256', ...metadata },
    authenticate,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the test server has no certificate
    { execute: [oidc.allowInsecureRequests] },
  )

  const begin: OpenidSite['begin'] = async (person, { parameters = {}, dpop, by = 'plain' } = {}) => {
    const verifier = oidc.randomPKCECodeVerifier()
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
    const request = {
      redirect_uri: CALLBACK,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...parameters,
    }
    const url =
      by === 'pushed'
        ? await oidc.buildAuthorizationUrlWithPAR(configuration, request, dpop && { DPoP: dpop })
        : oidc.buildAuthorizationUrl(configuration, request)
    return { address: await person.authorize(url), verifier, state, nonce }
  }

  return {
    configuration,
    begin,
    signIn: async (person, options = {}) => {
      const { address, verifier, state, nonce } = await begin(person, options)
      const tokens = await oidc.authorizationCodeGrant(
        configuration,
        address,
        { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
        undefined,
        options.dpop && { DPoP: options.dpop },
      )
      keepSecret('access token', tokens.access_token)
      keepSecret('refresh token', tokens.refresh_token)
      keepSecret('ID token', tokens.id_token)
      keepSecret('code', address.searchParams.get('code') ?? undefined)
      return tokens
    },
  }
}
