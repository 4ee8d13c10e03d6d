import Provider, { type AdapterFactory, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import type { Refusal } from '../error-registry/refusal.ts'
import type { ClientLookup } from '../relying-party/client-registry.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import { ACR_VALUES } from '../sign-in/authentication-context.ts'
import type { PrivateJwks } from '../signing-key/load-signing-keys.ts'
import { acceptDigestedSecrets } from './accept-digested-secrets.ts'
import { createFaultAnswers } from './answer-faults.ts'
import type { ResumeBinding } from './bind-resume.ts'
import type { Authentications } from './authentications.ts'
import { allowResponseModes, authorizationRequest } from './authorization-request.ts'
import { bindRefreshTokens } from './bind-refresh-tokens.ts'
import { CLIENT_EXTRAS, isFapi2 } from './client-policy.ts'
import { createGrantedConsent } from './consent/granted-consent.ts'
import { createLoadGrant } from './consent/load-grant.ts'
import { cookieSettings } from './cookies.ts'
import type { ExternalIdOf } from './external-id.ts'
import { createFindAccount, type Standing } from './find-account.ts'
import { createInteractionPolicy } from './interaction-policy.ts'
import { createIntrospectionPolicy } from './introspection.ts'
import type { KnownSubjects } from './known-subjects.ts'
import { lightenModels } from './lighten-models.ts'
import { logoutFeatures } from './log-out.ts'
import { checkAssertionClaims } from './proof-time.ts'
import type { ProviderPages } from './provider-pages.ts'
import { pageRequestOf } from './page-request.ts'
import { prefixTokens } from './prefix-tokens.ts'
import type { RefreshSuccession } from './refresh-succession.ts'
import type { RequestWrites } from './request-writes.ts'
import { rememberClients } from './remember-clients.ts'
import { createJwtCustomizer, createResourceIndicators, type FindResourceServer } from './resource-indicators.ts'
import { routeSessions } from './route-sessions.ts'
import { signAtOnce } from './sign-at-once.ts'
import { ENABLED_ALGORITHMS } from './signature-algorithms.ts'
import { surroundLibrary } from './surround-library.ts'
import { createPairwiseIdentifier, makeEveryClientPairwise, type Subjects } from './subject-of.ts'
import { createExtraTokenClaims } from './token-extra.ts'
import { tokenLives } from './token-lives.ts'

export interface OidcDependencies {
  /** An origin (config/). */
  readonly issuer: string
  readonly adapter: AdapterFactory
  readonly clients: ClientLookup
  /** Sends what a request has written (request-writes.ts). */
  readonly sendWrites: RequestWrites['send']
  readonly succession: RefreshSuccession
  /** Private signing keys, newest first. */
  readonly jwks: PrivateJwks
  /** Newest first; the first signs, all verify. */
  readonly cookieKeys: readonly string[]
  /** 32 octets, the same in every process. */
  readonly dpopNonceSecret: Buffer
  readonly sessionSeconds: number
  readonly authentications: Authentications
  readonly standing: Standing
  readonly consents: Pick<ConsentStore, 'find'>
  readonly subjects: Subjects
  readonly knownSubjects: KnownSubjects
  readonly findResourceServer: FindResourceServer
  readonly externalIdOf: ExternalIdOf
  /** For addresses that clients registered (outbound/). */
  readonly fetch: (address: string | URL | Request, options?: RequestInit) => Promise<Response>
  /** Where clients register themselves (web/client-registration.ts), if they may. */
  readonly registrationEndpoint?: string | undefined
  readonly pages: ProviderPages
  readonly resumeBinding: Pick<ResumeBinding, 'requireMark'>
  readonly now: () => Date
  readonly newIncidentId: () => string
  /** A page with an incident number was shown. */
  readonly onErrorPage: (shown: { error: string; description: string | undefined; incidentId: string }) => void
  /** Something of ours failed or was away. */
  readonly onFault: (refusal: Refusal, incidentId: string) => void
}

/** Octets of an answer from an address that a client registered. */
const FETCH_LIMIT = 64 * 1024

/** oidc-provider with the profile of design.md §8. Each group of its settings is a file beside this one. */
export function createProvider(deps: OidcDependencies): Provider {
  const request = authorizationRequest()
  const granted = createGrantedConsent(deps.consents)
  const { knownSubjects } = deps
  const showError = (
    ctx: KoaContextWithOIDC,
    out: { readonly error: string; readonly error_description?: string | undefined },
  ): void => {
    // answer-faults.ts does
    if (out.error === 'server_error') return
    const incidentId = deps.newIncidentId()
    ctx.set('X-Incident-Id', incidentId)
    ctx.type = 'html'
    const { error, error_description: description } = out
    deps.onErrorPage({ error, description, incidentId })
    ctx.body = deps.pages.error(pageRequestOf(ctx), { error, description, incidentId })
  }
  const configuration: Configuration = {
    ...request,
    adapter: deps.adapter,
    jwks: signAtOnce(deps.jwks),
    cookies: cookieSettings(deps.cookieKeys, deps.issuer.startsWith('https:')),
    enabledJWA: ENABLED_ALGORITHMS,
    ttl: tokenLives(deps.sessionSeconds),
    scopes: ['openid', 'offline_access'],
    subjectTypes: ['pairwise', 'public'],
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'none'],
    assertJwtClientAuthClaimsAndHeader: checkAssertionClaims,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    extraClientMetadata: { properties: [...CLIENT_EXTRAS] },
    acrValues: [...ACR_VALUES],
    // acr, amr and auth_time reach the ID token only when a scope names them; cert_status on request; external_id where there is one
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time', 'external_id'], cert_status: null },
    discovery: {
      ui_locales_supported: ['ja', 'en'],
      ...(deps.registrationEndpoint && { registration_endpoint: deps.registrationEndpoint }),
    },
    features: {
      ...request.features,
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      clientCredentials: { enabled: true },
      // sign-at-once.ts; experimental: a release that changes it does not start
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      dPoP: { enabled: true, nonceSecret: deps.dpopNonceSecret, requireNonce: () => true, allowReplay: false },
      resourceIndicators: createResourceIndicators(deps.findResourceServer),
      introspection: { enabled: true, allowedPolicy: createIntrospectionPolicy(deps.standing, knownSubjects) },
      jwtIntrospection: { enabled: true },
      // RFC 7009 §2.2: of another client's token nothing is said, not even that it is one
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      ...logoutFeatures(deps.pages),
    },
    formats: { customizers: { jwt: createJwtCustomizer(deps.findResourceServer, deps.subjects) } },
    extraTokenClaims: createExtraTokenClaims(deps.authentications),
    // FAPI 2.0 Security Profile §5.3.2.1: no rotation where a token is bound to a key anyway
    rotateRefreshToken: (ctx) => !isFapi2(ctx.oidc.client),
    clientBasedCORS: (_ctx, origin, client) =>
      client.tokenEndpointAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin && origin !== 'null'),
    fetch: deps.fetch,
    fetchResponseBodyLimits: { jwks_uri: FETCH_LIMIT, sector_identifier_uri: FETCH_LIMIT },

    interactions: {
      policy: createInteractionPolicy(granted),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    findAccount: createFindAccount({ ...deps, knownSubjects }),
    loadExistingGrant: createLoadGrant(deps.sessionSeconds, granted),
    pairwiseIdentifier: createPairwiseIdentifier(deps.subjects, knownSubjects),
    renderError: showError,
  }

  const provider = new Provider(deps.issuer, configuration)
  // main/prepare-request.ts is the proxy that is meant: it leaves one address, the client's, and the issuer's scheme
  provider.proxy = true
  acceptDigestedSecrets(provider, deps.now)
  allowResponseModes(provider)
  makeEveryClientPairwise(provider)
  rememberClients(provider, deps.clients)
  prefixTokens(provider, deps.succession)
  lightenModels(provider)
  routeSessions(provider)
  bindRefreshTokens(provider)
  const faults = createFaultAnswers(deps)
  provider.use(
    surroundLibrary({
      ...deps,
      faults,
      refusePost: (ctx, status, description) => {
        ctx.set('Cache-Control', 'no-store')
        showError(ctx, { error: 'invalid_request', error_description: description })
        ctx.status = status
      },
    }),
  )
  provider.on('server_error', faults.remember)
  return provider
}
