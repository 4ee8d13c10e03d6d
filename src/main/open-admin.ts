import { randomBytes, randomUUID } from 'node:crypto'
import type { RequestListener, Server } from 'node:http'
import { createAdministrators, type Administrators } from '../administration/create-administrators.ts'
import { protectApiClients } from '../administration/protect-api-clients.ts'
import type { Config } from '../config/config.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { Refusal } from '../error-registry/refusal.ts'
import type { Health } from '../observability/health/create-health.ts'
import { ACCOUNT_CLIENT_ID, LINK_CLIENT_ID } from '../oidc/account-sessions.ts'
import { CONSOLE_CLIENT_ID } from '../oidc/console-sign-in.ts'
import type { ClientLookup } from '../relying-party/client-registry.ts'
import type { ExternalAccounts } from '../relying-party/link/create-external-accounts.ts'
import type { Registration } from '../relying-party/registration.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import type { Sealer } from '../sealing/create-sealer.ts'
import { createAdminSessionStore } from '../storage/admin-session-store.ts'
import { createAdminStore } from '../storage/admin-store.ts'
import { createApiClientStore } from '../storage/api-client-store.ts'
import { appendAuditEvents } from '../storage/audit-log.ts'
import type { Database } from '../storage/database.ts'
import type { Holdings } from '../storage/holdings.ts'
import { createIdempotencyStore } from '../storage/idempotency-store.ts'
import { collectRoutes, type AdminRoutes } from '../web/admin/admin-routes.ts'
import { createAccountPages } from '../web/admin/accounts/create-account-pages.ts'
import { createAdministratorPages } from '../web/admin/administrators/administrator-pages.ts'
import { createApiClientPages } from '../web/admin/api-clients/api-client-pages.ts'
import { createApiAccess, type ApiAccess } from '../web/admin/api/authenticate-caller.ts'
import { ADMIN_API_PATH, createAdminApi } from '../web/admin/api/create-admin-api.ts'
import { createReferencePage } from '../web/admin/api/reference-page.ts'
import type { AdminJournal } from '../web/admin/admin-journal.ts'
import { createAdminApp } from '../web/admin/create-admin-app.ts'
import { CALLBACK_PATH } from '../web/admin/session-pages.ts'
import { toRefusal } from '../web/answer-errors.ts'
import { limitRate } from '../web/limit-rate.ts'
import { translator, type Messages } from '../web/messages.ts'
import type { Render } from '../web/render.ts'
import type { FindApi } from '../web/describe-consent.ts'
import type { CleaningJob } from './clean-expired.ts'
import { openAccountAdministration } from './open-account-administration.ts'
import { openSiteAdministration } from './open-site-administration.ts'
import { openClientWork } from './client/open-client-work.ts'
import { createHttpServer } from './http-server.ts'
import type { OpenedOidc } from './open-oidc.ts'

export interface OpenAdminOptions {
  readonly config: Config
  readonly origin: string
  readonly database: Database
  readonly oidc: Pick<OpenedOidc, 'console'>
  readonly sealer: Sealer
  readonly holdings: Holdings
  readonly clients: ClientLookup
  readonly links: Pick<ExternalAccounts, 'list' | 'remove'>
  readonly findApi: FindApi
  readonly health: Health
  readonly rateLimits: RateLimits
  readonly render: Render
  readonly messages: Readonly<Record<'ja' | 'en', Messages>>
  readonly publicDirectory: URL
  readonly newIncidentId: () => string
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
  readonly isStopping: () => boolean
  readonly now: () => Date
}

export interface OpenedAdmin {
  readonly server: Server
  /** For whoever walks them all, and sees that there is nothing else. */
  readonly routes: AdminRoutes
  readonly app: RequestListener
  /** Who may call which route of the API. */
  readonly apiAccess: ApiAccess
  readonly administrators: Administrators
  readonly cleaningJobs: readonly CleaningJob[]
}

/** Clients that the server itself registers and that nobody else changes. */
export const BUILT_IN_CLIENTS: readonly string[] = [CONSOLE_CLIENT_ID, ACCOUNT_CLIENT_ID, LINK_CLIENT_ID]

/** The console is a site of the provider's own. */
export function consoleRegistration(origin: string): Registration {
  return {
    clientId: CONSOLE_CLIENT_ID,
    displayName: { ja: 'Sekisho 管理コンソール', en: 'Sekisho, the console' },
    firstParty: true,
    redirectUris: [`${origin}${CALLBACK_PATH}`],
    // told within the process: an address that nobody listens at
    backchannelLogoutUri: `${origin}/admin/backchannel-logout`,
  }
}

/** Name of the admin API (RFC 8707). */
export const adminApiOf = (origin: string): string => `${origin}${ADMIN_API_PATH}`

/** The console and its API: an application on a listener of its own, with the use cases of the command line. */
export function openAdmin(options: OpenAdminOptions): OpenedAdmin {
  const { config, origin, database, oidc, sealer, rateLimits, messages, now } = options
  const { issuer } = config
  const resource = adminApiOf(origin)
  const random = (octets: number) => new Uint8Array(randomBytes(octets))
  const store = createAdminStore(database)
  const administrators = createAdministrators({ store, now, random, newId: randomUUID })
  const sessions = createAdminSessionStore(database)
  const apiClients = createApiClientStore(database)
  const idempotency = createIdempotencyStore({ database, sealer })
  const journal: AdminJournal = {
    append: (event, actor) => appendAuditEvents(database, [event], now(), actor),
  }
  const clientWork = protectApiClients(openClientWork({ database, now, builtIn: BUILT_IN_CLIENTS }), {
    apiClients,
    roleOf: (accountId) => store.roleOf(accountId),
  })
  const translate = { ja: translator(messages.ja), en: translator(messages.en) }

  // every part of the console brings its pages and routes; nothing else is served
  const routes: AdminRoutes = collectRoutes(
    ...openSiteAdministration({
      ...options,
      clientWork,
      builtIn: BUILT_IN_CLIENTS,
      loadClient: (clientId) => oidc.console.loadClient(clientId),
    }),
    createAccountPages(openAccountAdministration(options)),
    createAdministratorPages({ origin, administrators }),
    createApiClientPages({ resource, apiClients, clientWork, now }),
    createReferencePage({ issuer, resource, routes: () => routes.api }),
  )

  const apiAccess = createApiAccess({
    origin,
    resource,
    apiClients,
    roleOf: (accountId) => store.roleOf(accountId),
    inspectToken: (token) => oidc.console.inspectToken(token),
    checkProof: (possession) => oidc.console.checkProof(possession),
    now,
  })
  const api = createAdminApi({
    issuer,
    resource,
    access: apiAccess,
    routes: routes.api,
    idempotency,
    journal,
    limitRate: limitRate(rateLimits, 'admin-api'),
    titleOf: (code: ErrorCode) => translate.en(`errors.${code}.title`),
    toRefusal,
    newIncidentId: options.newIncidentId,
    onRefusal: options.onRefusal,
    now,
  })
  const app = createAdminApp({
    ...options,
    routes,
    api,
    sessions,
    administrators,
    signIn: oidc.console,
    journal,
    translate,
    defaultLocale: config.defaultLocale,
    random,
  })
  return {
    server: createHttpServer({
      issuer: origin,
      trustProxy: config.trustProxy,
      oidc: app,
      pages: app,
      isStopping: options.isStopping,
    }),
    routes,
    app,
    apiAccess,
    administrators,
    cleaningJobs: [(limit) => sessions.deleteExpired(now(), limit), (limit) => idempotency.deleteExpired(now(), limit)],
  }
}
