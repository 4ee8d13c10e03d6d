import type { Server } from 'node:http'
import { hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { AGENT_PORT } from '@sekisho/protocol'
import { createSignInJournal } from '../audit/create-sign-in-journal.ts'
import { describeAnchorReadiness } from '../certificate/anchor/anchor-readiness.ts'
import { loadTrustAnchors } from '../certificate/anchor/load-trust-anchors.ts'
import { createCertificateJudge } from '../certificate/create-certificate-judge.ts'
import { jpkiAuthenticationProfile } from '../certificate/profile/jpki-profiles.ts'
import type { Config } from '../config/config.ts'
import type { Refusal } from '../error-registry/refusal.ts'
import { createLog, type Log } from '../observability/log.ts'
import { ACCOUNT_CALLBACK_PATH, ACCOUNT_CLIENT_ID, createAccountSessions } from '../oidc/account-sessions.ts'
import { createResumeBinding } from '../oidc/bind-resume.ts'
import { pageRequestOf } from '../oidc/page-request.ts'
import { createArtifactAdapter } from '../oidc/artifact-adapter.ts'
import { createAuthentications } from '../oidc/authentications.ts'
import { createInteractions } from '../oidc/interactions.ts'
import { createProvider, type OidcDependencies } from '../oidc/create-provider.ts'
import { writeDownLogoutNotices } from '../oidc/log-out.ts'
import { createRefreshSuccession } from '../oidc/refresh-succession.ts'
import { toOidcMetadata } from '../oidc/to-oidc-metadata.ts'
import { createGuardedFetch } from '../outbound/create-guarded-fetch.ts'
import { cacheClients } from '../relying-party/cache-clients.ts'
import { createClientRegistry, type ClientRegistry } from '../relying-party/client-registry.ts'
import { createSealer } from '../sealing/create-sealer.ts'
import { createSignIn } from '../sign-in/sign-in.ts'
import { createAuditLog } from '../storage/audit-log.ts'
import { createChangeFeed } from '../storage/change-feed.ts'
import { createClientStore } from '../storage/client-store.ts'
import { createCrlNumberStore } from '../storage/crl-number-store.ts'
import { createCredentialStore } from '../storage/credential-store.ts'
import { createChainStore } from '../storage/chain-store.ts'
import { createChoiceStore } from '../storage/choice-store.ts'
import { createHandOverStore } from '../storage/hand-over-store.ts'
import { migrateUp } from '../storage/migrate.ts'
import { createOidcArtifactStore } from '../storage/oidc-artifact-store.ts'
import { openDatabase } from '../storage/open-database.ts'
import { createOutbox } from '../storage/outbox.ts'
import { createRegistrationTokenStore } from '../storage/registration-token-store.ts'
import { createResourceServerStore } from '../storage/resource-server-store.ts'
import { createSignInTicketStore } from '../storage/sign-in-ticket-store.ts'
import { createStandingStore } from '../storage/standing-store.ts'
import { createSubjectResolver } from '../subject/create-subject-resolver.ts'
import { createApp } from '../web/create-app.ts'
import { loadMessages } from '../web/messages.ts'
import { createProviderPages } from '../web/provider-pages.ts'
import { createRender } from '../web/render.ts'
import { cleanExpired } from './clean-expired.ts'
import { clientChangesOf } from './client-changes-of.ts'
import { databaseLocation } from './database-location.ts'
import { deliverLogouts } from './deliver-logouts.ts'
import { exchangeable } from './exchangeable.ts'
import { createFindResourceServer } from './find-resource-server.ts'
import { createHttpServer } from './http-server.ts'
import { newIncidentId } from './incident-id.ts'
import { openDynamicRegistration } from './open-dynamic-registration.ts'
import { openAccountPages } from './open-account-pages.ts'
import { openLinkage } from './open-linkage.ts'
import { openRevocation } from './open-revocation.ts'
import { openSigningKeys } from './open-signing-keys.ts'
import { readTrustDirectory } from './read-trust-directory.ts'

const ROOT = new URL('../../', import.meta.url)

export interface OpenProviderOptions {
  /** Where the agents of the people listen; their fixed port unless a demonstration or a test says otherwise. */
  readonly agentOrigin?: string
  readonly now?: () => Date
}

/** The whole provider, wired, not yet listening. */
export interface OpenProvider {
  readonly server: Server
  readonly clients: ClientRegistry
  readonly log: Log
  /** Gives back everything but the server's own sockets: close those first. */
  close(): Promise<void>
}

/**
 * The composition root: from a configuration to a server. Migrates the database and makes the first signing keys.
 *
 * @throws TrustAnchorsRefused, DataDirectoryInUse, Refusal SERVER_STORAGE_UNAVAILABLE
 */
export async function openProvider(config: Config, options: OpenProviderOptions = {}): Promise<OpenProvider> {
  const { agentOrigin = `http://127.0.0.1:${AGENT_PORT}`, now = () => new Date() } = options
  const { issuer, defaultLocale } = config
  const log = createLog({ level: config.logLevel })
  const anchors = loadTrustAnchors({
    ...(await readTrustDirectory(config.trustAnchorsDirectory)),
    trustVirtual: !config.isProduction || config.unsafeTrustVirtualJpki,
  })
  const database = await openDatabase(databaseLocation(config))
  await migrateUp(database.pool)
  const revocation = await openRevocation({
    sources: config.revocationSources,
    intranetHosts: config.intranetHosts,
    anchors,
    now,
    crlNumbers: createCrlNumberStore(database),
    onCrlFault: (fault) => {
      log.warn(fault, 'a revocation list could not be used')
    },
  })
  const linkage = openLinkage({
    config: config.linkage,
    intranetHosts: config.intranetHosts,
    anchors: anchors.authentication,
    now,
  })
  const random = (octets: number) => new Uint8Array(randomBytes(octets))
  const [newestKey] = config.keyEncryptionKeys.reveal()
  const sealer = createSealer(config.keyEncryptionKeys.reveal())

  const audit = createAuditLog({ database, now })
  const tickets = createSignInTicketStore(database)
  const artifacts = createOidcArtifactStore({ database, now })
  const changes = createChangeFeed(database, {
    onFault: (fault) => {
      log.warn({ err: fault }, 'changes of other processes are not heard of: clients are looked up every time')
    },
  })
  const clients = createClientRegistry({ store: createClientStore(database), now })
  const servedClients = cacheClients({ clients, changes: clientChangesOf(changes), now })
  await clients.upsert({
    clientId: ACCOUNT_CLIENT_ID,
    displayName: { ja: 'Sekisho あなたのページ', en: 'Sekisho, your page' },
    redirectUris: [new URL(ACCOUNT_CALLBACK_PATH, issuer).href],
  })
  const subjects = createSubjectResolver({
    store: createCredentialStore(database),
    chains: createChainStore(database),
    handOvers: createHandOverStore(database),
    linkage: linkage.service,
    unknownCards: config.unknownCards,
    audit,
    peppers: config.handlePeppers.reveal(),
    now,
    random,
    newId: randomUUID,
    onLinkageUnavailable: (cause) => {
      log.warn({ cause }, 'the linkage service had no answer')
    },
  })
  const choices = createChoiceStore(database)
  const signIn = createSignIn({
    tickets,
    choices,
    judge: createCertificateJudge({
      anchors,
      profile: jpkiAuthenticationProfile(),
      revocation: revocation.source,
      now,
    }),
    sealer,
    accounts: subjects,
    journal: createSignInJournal(audit),
    providerOrigin: issuer,
    now,
    random,
    onFault: (fault) => {
      log.error({ err: fault }, 'a response could not be judged')
    },
  })

  const render = createRender({
    viewsDirectory: new URL('views/', ROOT),
    messages: loadMessages(new URL('locales/', ROOT)),
  })
  const signingKeys = await openSigningKeys({ database, sealer, config, changes, log, now })
  const succession = createRefreshSuccession({ artifacts, now })
  const guarded = createGuardedFetch({ intranetHosts: config.clientIntranetHosts })
  const outbox = createOutbox({ database, now })
  const logouts = deliverLogouts({ outbox, log, now })
  const pages = createProviderPages(render, defaultLocale)
  const resumeBinding = createResumeBinding({
    cookieKeys: config.cookieKeys.reveal(),
    secure: issuer.startsWith('https:'),
    refuse: (ctx) => {
      const incidentId = newIncidentId()
      log.warn({ code: 'SIGNIN_OTHER_BROWSER', incidentId }, 'refused')
      ctx.status = 403
      ctx.type = 'html'
      ctx.body = pages.refusal(pageRequestOf(ctx), { code: 'SIGNIN_OTHER_BROWSER', incidentId })
    },
  })
  const registrationEndpoint = config.clientRegistration === 'off' ? undefined : `${issuer}/register`
  const oidc: Omit<OidcDependencies, 'jwks'> = {
    issuer,
    adapter: createArtifactAdapter({
      artifacts,
      succession,
      findClient: async (id) => toOidcMetadata(await servedClients.find(id)),
    }),
    succession,
    cookieKeys: config.cookieKeys.reveal(),
    trustProxy: config.trustProxy,
    sessionSeconds: config.sessionSeconds,
    dpopNonceSecret: Buffer.from(hkdfSync('sha256', newestKey, '', 'sekisho dpop nonce', 32)),
    authentications: createAuthentications(artifacts),
    standing: createStandingStore(database),
    subjects,
    findResourceServer: createFindResourceServer({
      store: createResourceServerStore(database),
      clients: servedClients,
    }),
    fetch: (address, options) => guarded.fetch(address, options),
    registrationEndpoint,
    pages,
    resumeBinding,
    now,
    newIncidentId,
    onErrorPage: (shown) => {
      log.info(shown, 'refused')
    },
    onServerError: (fault, incidentId) => {
      log.error({ err: fault, incidentId }, 'an OpenID endpoint failed')
    },
  }
  // docs/adr/0006: oidc-provider takes its keys when it is made, so with other keys another one is made
  const provider = exchangeable(createProvider({ ...oidc, jwks: signingKeys.jwks }))
  const endpoints = provider.follow((made) => ({ answer: made.callback() }))
  const notices = provider.follow((made) => ({ send: writeDownLogoutNotices(made, logouts) }))
  logouts.start((notice) => notices.send(notice))
  const app = createApp({
    issuer,
    agentOrigin,
    trustProxy: config.trustProxy,
    defaultLocale,
    render,
    publicDirectory: new URL('public/', ROOT),
    signIn,
    interactions: provider.follow((made) =>
      createInteractions({
        provider: made,
        sessions: { destroyByUid: (uid) => artifacts.destroyByUid('Session', uid) },
        logouts,
        resumeBinding,
        now,
      }),
    ),
    account: openAccountPages({
      database,
      needsHandOver: config.linkage.kind === 'none',
      sessions: provider.follow((made) => createAccountSessions({ provider: made, issuer })),
      clientName: async (id, locale) => (await servedClients.find(id))?.displayName[locale] ?? id,
      audit,
      now,
    }),
    health: {
      database: () => database.query('SELECT 1'),
      anchors: () => describeAnchorReadiness(anchors, 'authentication', now()),
    },
    registration: registrationEndpoint === undefined ? undefined : openDynamicRegistration({ database, now, random }),
    requestsPerMinute: config.requestsPerMinute,
    newIncidentId,
    onRefusal: logRefusal(log),
  })
  const cleaning = cleanExpired({
    jobs: [
      (limit) => tickets.deleteExpired(now(), limit),
      (limit) => choices.deleteExpired(now(), limit),
      (limit) => artifacts.deleteExpired(limit),
      (limit) => createRegistrationTokenStore(database).deleteExpired(now(), limit),
      (limit) => outbox.deleteDone(now(), limit),
    ],
    log,
  })
  const keyKeeping = signingKeys.keep((jwks) => {
    provider.exchange(createProvider({ ...oidc, jwks }))
  })

  return {
    server: createHttpServer({ issuer, oidc: (req, res) => endpoints.answer(req, res), pages: app }),
    clients,
    log,
    close: async () => {
      await keyKeeping.stop()
      await changes.close()
      await cleaning.stop()
      await logouts.stop()
      await guarded.close()
      await revocation.close()
      await linkage.close()
      await database.close()
    },
  }
}

/** What went wrong on our side is an error with its cause; what a person or a program did wrong is worth a line. */
function logRefusal(log: Log): (refusal: Refusal, incidentId: string) => void {
  return (refusal, incidentId) => {
    const { code, detail, entry } = refusal
    if (entry.status >= 500) log.error({ code, incidentId, err: refusal }, 'refused')
    else log.info({ code, incidentId, detail }, 'refused')
  }
}
