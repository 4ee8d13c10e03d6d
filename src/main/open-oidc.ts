import type { RequestListener } from 'node:http'
import type { Config } from '../config/config.ts'
import type { Refusal } from '../error-registry/refusal.ts'
import type { Log } from '../observability/log.ts'
import { currentRequest } from '../observability/request-context.ts'
import { createAccountSessions, type AccountSessions } from '../oidc/account-sessions.ts'
import { createApiTokens, type ApiTokens } from '../oidc/api-tokens.ts'
import { createProofCheck } from '../oidc/check-dpop-proof.ts'
import { createConsoleSignIn, type ConsoleSignIn } from '../oidc/console-sign-in.ts'
import { createInspectToken, type InspectToken } from '../oidc/inspect-token.ts'
import { createArtifactAdapter } from '../oidc/artifact-adapter.ts'
import { createAuthentications } from '../oidc/authentications.ts'
import { createResumeBinding } from '../oidc/bind-resume.ts'
import { createProvider, type OidcDependencies } from '../oidc/create-provider.ts'
import { createExternalIdOf } from '../oidc/external-id.ts'
import { createInteractions, type Interactions } from '../oidc/interactions.ts'
import { answerActiveTokens } from '../oidc/introspection/answer-active-tokens.ts'
import { createKnownSubjects } from '../oidc/known-subjects.ts'
import { writeDownLogoutNotices } from '../oidc/log-out.ts'
import { pageRequestOf } from '../oidc/page-request.ts'
import type { ProviderPages } from '../oidc/provider-pages.ts'
import { rememberDocuments } from '../oidc/remember-documents.ts'
import { createRefreshSuccession } from '../oidc/refresh-succession.ts'
import { createRequestWrites } from '../oidc/request-writes.ts'
import { answerPlainGrants } from '../oidc/token/answer-plain-grants.ts'
import { toOidcMetadata } from '../oidc/to-oidc-metadata.ts'
import type { ClientLookup } from '../relying-party/client-registry.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import { createLoadClient, type LoadClient } from '../oidc/load-client.ts'
import type { ExternalAccounts } from '../relying-party/link/create-external-accounts.ts'
import type { Database } from '../storage/database.ts'
import { createStandingStore } from '../storage/standing/create-standing-store.ts'
import type { SubjectResolver } from '../subject/resolution.ts'
import { explainLostCookie, type LostCookie } from '../web/explain-lost-cookie.ts'
import type { LogoutDelivery } from './deliver-logouts.ts'
import { endConsoleSessions } from './end-console-sessions.ts'
import { exchangeable } from './exchangeable.ts'
import { newIncidentId } from './incident-id.ts'
import type { ShortLived } from './open-short-lived.ts'
import type { OpenedSigningKeys } from './open-signing-keys.ts'

export interface OpenOidcDependencies {
  readonly config: Config
  readonly database: Database
  readonly artifacts: ShortLived['artifacts']
  readonly clients: ClientLookup
  readonly subjects: SubjectResolver
  readonly signingKeys: OpenedSigningKeys
  readonly consents: ConsentStore
  readonly links: Pick<ExternalAccounts, 'externalIdOf'>
  readonly findResourceServer: OidcDependencies['findResourceServer']
  readonly logouts: LogoutDelivery
  readonly pages: ProviderPages
  readonly fetch: OidcDependencies['fetch']
  readonly registrationEndpoint: string | undefined
  readonly onLostCookie: (lost: LostCookie) => void
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
  readonly log: Log
  readonly now: () => Date
}

export interface OpenedOidc {
  readonly answer: (...args: Parameters<RequestListener>) => unknown
  readonly interactions: Interactions
  readonly accountSessions: AccountSessions
  /** Of the provider's own API. */
  readonly apiTokens: ApiTokens
  /** Of the administrators' console and its API. */
  readonly console: ConsoleSignIn & {
    readonly inspectToken: InspectToken
    readonly checkProof: ReturnType<typeof createProofCheck>
    readonly loadClient: LoadClient
  }
  /** Begins to tell sites of log-outs, and to take the keys that the schedule makes. */
  start(): { stop(): Promise<void> }
}

/** The OpenID endpoints, and what our pages need of them, over every exchange of keys. */
export function openOidc(deps: OpenOidcDependencies): OpenedOidc {
  const { config, database, clients, subjects, signingKeys, logouts, pages, log, now } = deps
  const { issuer } = config
  const cookieKeys = config.cookieKeys.reveal()
  const { artifacts, send: sendWrites } = createRequestWrites(deps.artifacts)
  const authentications = createAuthentications(artifacts)
  const succession = createRefreshSuccession({ artifacts, now })
  const resumeBinding = createResumeBinding({
    cookieKeys,
    secure: issuer.startsWith('https:'),
    refuse: (ctx, hasCookies) => {
      const incidentId = newIncidentId()
      // without a single cookie of ours it is no stranger's browser that goes on: the cookies were lost on the way
      const code = hasCookies ? 'SIGNIN_OTHER_BROWSER' : 'SIGNIN_COOKIE_MISSING'
      const arrival = currentRequest()?.arrival
      const lost = hasCookies ? undefined : explainLostCookie('cookie-missing', { hasCookies, arrival })
      if (lost !== undefined) deps.onLostCookie(lost)
      log.warn({ code, incidentId }, 'refused')
      ctx.status = 403
      ctx.type = 'html'
      ctx.body = pages.refusal(pageRequestOf(ctx), { code, incidentId })
    },
  })
  const oidc: Omit<OidcDependencies, 'jwks'> = {
    issuer,
    adapter: createArtifactAdapter({
      artifacts,
      succession,
      authentications,
      findClient: async (id) => toOidcMetadata(await clients.find(id)),
    }),
    clients,
    sendWrites,
    succession,
    cookieKeys,
    sessionSeconds: config.sessionSeconds,
    dpopNonceSecret: signingKeys.dpopNonceSecret,
    authentications,
    standing: createStandingStore(database),
    subjects,
    knownSubjects: createKnownSubjects(),
    consents: deps.consents,
    findResourceServer: deps.findResourceServer,
    externalIdOf: createExternalIdOf(issuer, deps.links),
    fetch: deps.fetch,
    registrationEndpoint: deps.registrationEndpoint,
    pages,
    resumeBinding,
    now,
    newIncidentId,
    onErrorPage: (shown) => {
      log.info(shown, 'refused')
    },
    onFault: deps.onRefusal,
  }
  // docs/adr/0006: oidc-provider takes its keys when it is made, so with other keys another one is made
  const provider = exchangeable(createProvider({ ...oidc, jwks: signingKeys.jwks }))
  const atOnce = { ...oidc, artifacts: deps.artifacts }
  const endpoints = provider.follow((made) => ({
    answer: rememberDocuments(answerPlainGrants(atOnce, made, made.callback()), issuer),
  }))
  const notices = provider.follow((made) => ({ send: writeDownLogoutNotices(made, logouts) }))
  return {
    answer: answerActiveTokens(atOnce, (req, res) => endpoints.answer(req, res)),
    interactions: provider.follow((made) =>
      createInteractions({
        provider: made,
        sessions: deps.artifacts,
        logouts,
        consents: deps.consents,
        standing: oidc.standing,
        resumeBinding,
        now,
      }),
    ),
    accountSessions: provider.follow((made) => createAccountSessions({ ...oidc, provider: made })),
    apiTokens: provider.follow((made) => createApiTokens({ provider: made, issuer, artifacts, now })),
    console: provider.follow((made) => ({
      ...createConsoleSignIn({
        provider: made,
        answer: (req, res) => endpoints.answer(req, res),
        issuer,
        subjects,
        now,
      }),
      inspectToken: createInspectToken(made, oidc.standing),
      checkProof: createProofCheck({ artifacts, now }),
      loadClient: createLoadClient(made),
    })),
    start: () => {
      logouts.start(endConsoleSessions(database, (notice) => notices.send(notice)))
      const keyKeeping = signingKeys.keep((jwks) => {
        provider.exchange(createProvider({ ...oidc, jwks }))
      })
      return {
        stop: async () => {
          await keyKeeping.stop()
          await logouts.stop()
        },
      }
    },
  }
}
