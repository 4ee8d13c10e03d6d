import type { Server } from 'node:http'
import { AGENT_PORT } from '@sekisho/protocol'
import { loadTrustAnchors } from '../certificate/anchor/load-trust-anchors.ts'
import type { Config } from '../config/config.ts'
import type { Refusal } from '../error-registry/refusal.ts'
import { createLog, type Log, type LogDestination } from '../observability/log.ts'
import { createMetrics, type Metrics } from '../observability/metrics/create-metrics.ts'
import { createGuardedFetch } from '../outbound/create-guarded-fetch.ts'
import type { ClientRegistry } from '../relying-party/client-registry.ts'
import { createSealer } from '../sealing/create-sealer.ts'
import { createAccountNotices } from '../storage/account-notices.ts'
import { createAuditLog } from '../storage/audit-log.ts'
import { createChangeFeed } from '../storage/change-feed.ts'
import { createConsentStore } from '../storage/consent-store.ts'
import { createCrlNumberStore } from '../storage/crl-number-store.ts'
import { openDatabase } from '../storage/open-database.ts'
import { createOutbox } from '../storage/outbox.ts'
import { createResourceServerStore } from '../storage/resource-server-store.ts'
import { createApp } from '../web/create-app.ts'
import type { LostCookie } from '../web/explain-lost-cookie.ts'
import { createLinkCookie } from '../web/link-cookie.ts'
import { loadMessages, translator } from '../web/messages.ts'
import { createProviderPages } from '../web/provider-pages.ts'
import { createRender } from '../web/render.ts'
import { databaseLocation } from './database-location.ts'
import { deliverLogouts } from './deliver-logouts.ts'
import { createOctetSource } from './draw-octets.ts'
import { createFindResourceServer } from './find-resource-server.ts'
import { createHttpServer } from './http-server.ts'
import { newIncidentId } from './incident-id.ts'
import { adminApiOf, openAdmin, type OpenedAdmin } from './open-admin.ts'
import { needsHandOver } from './needs-hand-over.ts'
import { openAccountPages } from './open-account-pages.ts'
import { openClients } from './open-clients.ts'
import { openDynamicRegistration } from './open-dynamic-registration.ts'
import { openLinks } from './open-links.ts'
import { openLinkage } from './open-linkage.ts'
import { openOidc } from './open-oidc.ts'
import { openRevocation } from './open-revocation.ts'
import { openShortLived } from './open-short-lived.ts'
import { openSignIn } from './open-sign-in.ts'
import { openSigningKeys } from './open-signing-keys.ts'
import { prepareDatabase, schemaRightsOf } from './prepare-database.ts'
import { createSourceGauges } from './measure/source-gauges.ts'
import { logRefusal } from './log-refusal.ts'
import { observeRequests } from './measure/observe-requests.ts'
import { readTrustDirectory } from './read-trust-directory.ts'
import { refuseMissingPepper } from './refuse-missing-pepper.ts'
import { startJobs } from './start-jobs.ts'
import { watchProvider } from './watch-provider.ts'

const ROOT = new URL('../../', import.meta.url)

export interface OpenProviderOptions {
  /** Where the agents of the people listen; their fixed port unless a demonstration or a test says otherwise. */
  readonly agentOrigin?: string
  readonly now?: () => Date
  /** Where the log goes; standard error unless told. */
  readonly logDestination?: LogDestination | undefined
  /** Where it counts; without, nobody sees it. */
  readonly metrics?: Metrics
}

/** The whole provider, wired, not yet listening. */
export interface OpenProvider {
  readonly server: Server
  /** The administrators' console, where one is configured. */
  readonly admin: Omit<OpenedAdmin, 'cleaningJobs'> | undefined
  readonly clients: ClientRegistry
  readonly log: Log
  /** From now on readiness says no, and every answer asks its client to come back on another connection. */
  beginStopping(): void
  /** Gives back everything but the server's own sockets: close those first. */
  close(): Promise<void>
}

/**
 * The composition root: from a configuration to a server. Migrates the database and makes the first signing keys.
 *
 * @throws TrustAnchorsRefused, DataDirectoryInUse, Refusal SERVER_STORAGE_UNAVAILABLE, SERVER_SCHEMA_*, SERVER_DATABASE_RESTORED
 */
export async function openProvider(config: Config, options: OpenProviderOptions = {}): Promise<OpenProvider> {
  const { agentOrigin = `http://127.0.0.1:${AGENT_PORT}`, now = () => new Date() } = options
  const { metrics = createMetrics({ ofProcess: false }) } = options
  const { issuer, defaultLocale } = config
  const log = createLog({ level: config.logLevel, destination: options.logDestination })
  const random = createOctetSource()
  const anchors = loadTrustAnchors({
    ...(await readTrustDirectory(config.trustAnchorsDirectory)),
    trustVirtual: !config.isProduction || config.unsafeTrustVirtualJpki,
  })
  const database = await openDatabase(databaseLocation(config))
  try {
    await prepareDatabase(database, schemaRightsOf(config, true))
    await refuseMissingPepper(config, database)
  } catch (fault) {
    await database.close()
    throw fault
  }
  const shortLived = await openShortLived({ config, database, log, now })
  const sources = createSourceGauges({ metrics, now })
  const revocation = await openRevocation({
    sources: config.revocationSources,
    intranetHosts: config.intranetHosts,
    anchors,
    now,
    random,
    crlNumbers: createCrlNumberStore(database),
    gauges: sources,
    onCrlFault: (fault) => {
      sources.loadFailed('crl', fault.cause)
      log.warn(fault, 'a revocation list could not be used')
    },
  })
  const linkage = openLinkage({
    config: config.linkage,
    intranetHosts: config.intranetHosts,
    anchors: anchors.authentication,
    now,
    gauges: sources,
  })
  const sealer = createSealer(config.keyEncryptionKeys.reveal(), random)
  const audit = createAuditLog({ database, now })

  const changes = createChangeFeed(database, {
    onFault: (fault) => {
      log.warn({ err: fault }, 'changes of other processes are not heard of: clients are looked up every time')
    },
  })
  const { clients, servedClients } = await openClients({ config, database, changes, sources, now })
  const links = openLinks({ database, clients: servedClients, issuer, metrics, now })

  const { signIn, subjects } = openSignIn({
    config,
    database,
    shortLived,
    anchors,
    revocation: revocation.source,
    linkage: linkage.service,
    audit,
    sealer,
    log,
    metrics,
    now,
    random,
  })
  const messages = loadMessages(new URL('locales/', ROOT))
  const inEnglish = translator(messages.en)
  const render = createRender({ viewsDirectory: new URL('views/', ROOT), messages })
  const consents = createConsentStore({ database, now })
  const findApi = createFindResourceServer({
    issuer,
    adminApi: config.admin && adminApiOf(config.admin.origin),
    store: createResourceServerStore(database),
    clients: servedClients,
  })
  const guarded = createGuardedFetch({ intranetHosts: config.clientIntranetHosts })
  const outbox = createOutbox({ database, now })
  const registrationEndpoint = config.clientRegistration === 'off' ? undefined : `${issuer}/register`
  const onLostCookie = ({ code, cause, hint }: LostCookie): void => {
    metrics.lostCookie({ code, cause })
    log.warn({ code, cause, hint }, 'a browser came back without the cookie of its sign-in')
  }
  const onRefusal = (refusal: Refusal, incidentId: string): void => {
    metrics.refusal({ code: refusal.code })
    logRefusal(log, refusal, incidentId)
  }
  const oidc = openOidc({
    onLostCookie,
    onRefusal,
    config,
    database,
    artifacts: shortLived.artifacts,
    clients: servedClients,
    subjects,
    consents,
    links: links.accounts,
    findResourceServer: findApi,
    signingKeys: await openSigningKeys({ database, sealer, config, changes, log, now }),
    logouts: deliverLogouts({ outbox, log, now }),
    pages: createProviderPages(render, defaultLocale),
    fetch: (address, options) => guarded.fetch(address, options),
    registrationEndpoint,
    log,
    now,
  })
  const health = watchProvider({
    config,
    database,
    shortLived,
    anchors,
    sources,
    outbox,
    isListening: () => changes.isListening(),
    metrics,
    now,
  })
  let isStopping = false
  const app = createApp({
    issuer,
    agentOrigin,
    agentDownloadsDirectory: config.agentDownloadsDirectory,
    defaultLocale,
    render,
    publicDirectory: new URL('public/', ROOT),
    signIn,
    interactions: oidc.interactions,
    account: openAccountPages({
      database,
      holdings: shortLived.holdings,
      needsHandOver: needsHandOver(config),
      sessions: oidc.accountSessions,
      links: links.accounts,
      clients: servedClients,
      audit,
      now,
    }),
    links: {
      ...links,
      tokens: oidc.apiTokens,
      titleOf: (code) => inEnglish(`errors.${code}.title`),
      cookie: createLinkCookie({ cookieKeys: config.cookieKeys.reveal(), secure: issuer.startsWith('https:'), now }),
    },
    consents,
    notices: createAccountNotices(database),
    findApi,
    health: {
      health,
      isStopping: () => isStopping,
    },
    registration:
      registrationEndpoint === undefined
        ? undefined
        : openDynamicRegistration({ database, endpoint: registrationEndpoint, now, random }),
    rateLimits: shortLived.rateLimits,
    newIncidentId,
    onLostCookie,
    onRefusal,
  })
  const admin =
    config.admin &&
    openAdmin({
      config,
      origin: config.admin.origin,
      database,
      oidc,
      sealer,
      holdings: shortLived.holdings,
      clients: servedClients,
      links: links.accounts,
      findApi,
      health,
      rateLimits: shortLived.rateLimits,
      render,
      messages,
      publicDirectory: new URL('public/', ROOT),
      newIncidentId,
      onRefusal,
      isStopping: () => isStopping,
      now,
    })
  const oidcWork = oidc.start()
  const jobs = startJobs({
    config,
    database,
    shortLived,
    outbox,
    cleaningJobs: [links.clean, ...(admin?.cleaningJobs ?? [])],
    log,
    now,
  })

  return {
    server: createHttpServer({
      issuer,
      trustProxy: config.trustProxy,
      oidc: oidc.answer,
      pages: app,
      observe: observeRequests(metrics, log),
      isStopping: () => isStopping,
    }),
    admin,
    clients,
    log,
    beginStopping: () => {
      isStopping = true
    },
    close: async () => {
      await oidcWork.stop()
      await jobs.stop()
      await changes.close()
      await guarded.close()
      await revocation.close()
      await linkage.close()
      await shortLived.close()
      await database.close()
    },
  }
}
