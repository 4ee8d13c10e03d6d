import Provider, { type AdapterFactory, type Configuration, type JWKS } from 'oidc-provider'
import { ACR_VALUES } from '../sign-in/authentication-context.ts'
import { acceptDigestedSecrets } from './accept-digested-secrets.ts'
import { answerWithOwnPages, logoutFormOf } from './answer-with-own-pages.ts'
import { CLIENT_EXTRAS, displayNameOf, sectorOf } from './client-policy.ts'
import { createInteractionPolicy } from './interaction-policy.ts'
import { loadGrantOfSession } from './load-grant-of-session.ts'
import type { ProviderPages } from './provider-pages.ts'
import { pageRequestOf } from './page-request.ts'
import { setSecurityHeaders } from './set-security-headers.ts'

export interface OidcDependencies {
  /** An origin (config/). */
  readonly issuer: string
  readonly adapter: AdapterFactory
  /** Private signing keys, newest first. */
  readonly jwks: JWKS
  /** Newest first; the first signs, all verify. */
  readonly cookieKeys: readonly string[]
  /** Whether X-Forwarded-* of a proxy in front is believed. */
  readonly trustProxy: boolean
  readonly sessionSeconds: number
  readonly accounts: { isActive(accountId: string): Promise<boolean> }
  readonly subjects: { subjectFor(accountId: string, sector: string): Promise<string> }
  readonly pages: ProviderPages
  readonly now: () => Date
  readonly newIncidentId: () => string
  readonly onServerError: (fault: unknown, incidentId: string) => void
}

const MINUTE = 60
const HOUR = 60 * MINUTE

/**
 * oidc-provider with the profile of design.md §8 as far as it stands: code flow with PKCE S256 for every client, opaque
 * access tokens, pairwise subjects, `iss` in every response (RFC 9207).
 */
export function createProvider(deps: OidcDependencies): Provider {
  const secure = deps.issuer.startsWith('https:')
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true, overwrite: true } as const

  const configuration: Configuration = {
    adapter: deps.adapter,
    jwks: deps.jwks,
    cookies: {
      keys: [...deps.cookieKeys],
      long: cookie,
      short: cookie,
      names: {
        session: secure ? '__Host-sekisho_session' : 'sekisho_session',
        interaction: 'sekisho_interaction',
        resume: 'sekisho_resume',
      },
    },

    responseTypes: ['code'],
    scopes: ['openid'],
    subjectTypes: ['pairwise'],
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'none'],
    clientDefaults: {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      subject_type: 'pairwise',
      id_token_signed_response_alg: 'ES256',
    },
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
    extraClientMetadata: { properties: [...CLIENT_EXTRAS] },
    acrValues: [...ACR_VALUES],
    // acr, amr and auth_time reach the ID token only when a scope names them
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'] },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => {
          ctx.body = deps.pages.confirmLogout(pageRequestOf(ctx), logoutFormOf(ctx))
        },
        postLogoutSuccessSource: (ctx) => {
          const { client } = ctx.oidc
          ctx.body = deps.pages.loggedOut(
            pageRequestOf(ctx),
            client && ((locale) => displayNameOf(client, locale)),
          )
        },
      },
    },
    ttl: {
      AccessToken: 10 * MINUTE,
      AuthorizationCode: MINUTE,
      IdToken: HOUR,
      Interaction: 30 * MINUTE,
      Session: deps.sessionSeconds,
      Grant: deps.sessionSeconds,
    },

    interactions: { policy: createInteractionPolicy(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_ctx, accountId) =>
      (await deps.accounts.isActive(accountId)) ? { accountId, claims: () => ({ sub: accountId }) } : undefined,
    loadExistingGrant: loadGrantOfSession,
    pairwiseIdentifier: (_ctx, accountId, client) => deps.subjects.subjectFor(accountId, sectorOf(client)),
    renderError: (ctx, out) => {
      const incidentId = deps.newIncidentId()
      ctx.set('X-Incident-Id', incidentId)
      ctx.type = 'html'
      ctx.body = deps.pages.error(pageRequestOf(ctx), {
        error: out.error,
        description: out.error_description,
        incidentId,
      })
    },
  }

  const provider = new Provider(deps.issuer, configuration)
  provider.proxy = deps.trustProxy
  acceptDigestedSecrets(provider, deps.now)
  provider.use(setSecurityHeaders)
  provider.use(answerWithOwnPages(deps.pages))
  provider.on('server_error', (ctx, fault) => {
    deps.onServerError(fault, ctx.response.get('X-Incident-Id') || 'none')
  })
  return provider
}
