import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join, resolve } from 'node:path'
import { createAgent, createAgentLog, trustProviders } from '@sekisho/agent'
import { createShop } from '@sekisho/example-relying-party'
import type { VirtualCard } from '@sekisho/virtual-card'
import { createVirtualJpki, OID, serveVirtualJpki, type VirtualJpki } from '@sekisho/virtual-jpki'
import { loadConfig } from '../../config/load-config.ts'
import type { LogDestination, LogLevel } from '../../observability/log.ts'
import { ownApiResource } from '../../relying-party/own-api.ts'
import { prepareDataDirectory } from '../../storage/prepare-data-directory.ts'
import { closeServer, listen } from '../http-server.ts'
import { openProvider, type OpenProvider } from '../open-provider.ts'
import { createSampleApi } from './create-sample-api.ts'
import { databaseEnvironment, linkageEnvironment, writeAnchors, type DemoLinkage } from './demo-environment.ts'
import type { DemoPorts } from './demo-ports.ts'
import { explainDemoFault, unusableDirectory } from './demo-refused.ts'
import { openPersonaPage } from './persona-page/open-persona-page.ts'
import { createVirtualReader } from './virtual-reader.ts'

export interface DemoOptions {
  readonly dataDirectory: string
  /** A persona of the virtual JPKI. */
  readonly persona: string
  readonly ports: DemoPorts
  readonly logLevel: LogLevel
  /** PostgreSQL instead of the embedded database. */
  readonly databaseUrl?: string
  /** What the linkage service is asked; `none`: an unknown card is asked about (hand-over code, or new here). Default `previous`. */
  readonly linkage?: DemoLinkage
  /** The shop is the operator's own: nobody is asked whether it may know them. */
  readonly firstPartyShop?: boolean
  /** Without an agent, for tests that bring their own. */
  readonly withoutAgent?: boolean
  /** Where the keys of the virtual people are kept; in the data directory unless told. */
  readonly keyDirectory?: string
  readonly now?: () => Date
  /** Where provider and agent log; standard error unless told. */
  readonly logDestination?: LogDestination | undefined
  readonly onProgress?: (line: string) => void
}

export interface Demo {
  readonly urls: {
    readonly provider: string
    readonly shop: string
    readonly jpki: string
    readonly agent: string
    /** The API that keeps the shop's orders, and the persona page, where there are any. */
    readonly api: string | undefined
    readonly personas: string | undefined
    /** The administrators' console; and where the first owner gets in, while there is none. */
    readonly admin: string | undefined
    readonly invitation: string | undefined
  }
  readonly jpki: VirtualJpki
  readonly provider: OpenProvider
  /** What the provider was configured with: for `sekisho …` and further processes on the same database. */
  readonly environment: Readonly<Record<string, string>>
  /** Puts another persona's card on the reader. Cards keep their PIN counters until the demonstration ends. */
  useCard(persona: string): Promise<VirtualCard>
  close(): Promise<void>
}

const CLIENT_ID = 'sample-shop'

/**
 * Everything of one sign-in on this machine: a national PKI, the provider, the agent with a card, a site. Only the card chip and
 * the national services are simulated; the rest is the product itself.
 *
 * @throws DemoRefused when a port or the data directory is taken, or the directory cannot be used
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { persona, ports, logLevel, onProgress = () => undefined } = options
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }

  try {
    const dataDirectory = resolve(options.dataDirectory)
    prepare(dataDirectory)

    onProgress('virtual JPKI …')
    const jpki = await createVirtualJpki({
      now: options.now ?? (() => new Date()),
      cacheDirectory: options.keyDirectory ?? join(dataDirectory, 'virtual-jpki'),
      publicUrl: () => `http://127.0.0.1:${ports.jpki}`,
    })
    // moved by `sekisho-jpki clock`: certificates, their judge and the agent live by the same one
    const { now } = jpki.clock
    const jpkiServer = await serveVirtualJpki(jpki, { port: ports.jpki })
    closers.push(() => jpkiServer.close())

    onProgress('provider …')
    const issuer = `http://localhost:${ports.provider}`
    const agentUrl = `http://127.0.0.1:${ports.agent}`
    const environment = {
      ISSUER: issuer,
      PORT: String(ports.provider),
      ...(ports.admin === undefined
        ? {}
        : { ADMIN_ORIGIN: `http://localhost:${ports.admin}`, ADMIN_PORT: String(ports.admin) }),
      ...databaseEnvironment(options.databaseUrl, dataDirectory),
      TRUST_ANCHORS_DIR: await writeAnchors(jpki, join(dataDirectory, 'trust')),
      UNSAFE_TRUST_VIRTUAL_JPKI: '1',
      REVOCATION_SOURCES: 'ocsp',
      OCSP_URL: `${jpkiServer.url}/ocsp`,
      PHONE_POLICIES: OID.phoneAuthenticationPolicy,
      ...linkageEnvironment(options.linkage ?? 'previous', jpkiServer.url),
      OUTBOUND_INTRANET_HOSTS: '127.0.0.1',
      // where the shop is told of log-outs
      CLIENT_INTRANET_HOSTS: 'localhost',
      REQUESTS_PER_MINUTE: '10000',
      CARD_SIGN_INS_PER_HOUR: '100000',
      TICKET_REQUESTS_PER_MINUTE: '10000',
      LOG_LEVEL: logLevel,
    }
    const config = loadConfig(environment)
    const provider = await openProvider(config, { agentOrigin: agentUrl, now, logDestination: options.logDestination })
    closers.push(() => provider.close())
    await serve(provider.server, ports.provider, closers)
    const admin = await openConsole(provider, ports.admin, closers)

    onProgress('sample API and shop …')
    const api =
      ports.api === undefined
        ? undefined
        : await createSampleApi({ issuer, port: ports.api, clients: provider.clients })
    if (api !== undefined && ports.api !== undefined) await serve(api.server, ports.api, closers)
    const shopUrl = `http://localhost:${ports.shop}`
    const clientSecret = randomBytes(32).toString('base64url')
    await provider.clients.upsert({
      clientId: CLIENT_ID,
      clientSecret,
      displayName: { ja: 'サンプル商店', en: 'Sample shop' },
      firstParty: options.firstPartyShop === true,
      redirectUris: [`${shopUrl}/callback`],
      postLogoutRedirectUris: [`${shopUrl}/`],
      backchannelLogoutUri: `${shopUrl}/backchannel-logout`,
      linkReturnUris: [`${shopUrl}/linked`],
      grantTypes: ['authorization_code', 'client_credentials'],
      resources: [
        { resource: ownApiResource(issuer), scopes: ['link'] },
        ...(api === undefined ? [] : [{ resource: api.resource, scopes: [...api.scopes] }]),
      ],
    })
    const shop = createShop({ issuer, clientId: CLIENT_ID, clientSecret, baseUrl: shopUrl, api: api?.resource })
    await serve(createServer(shop), ports.shop, closers)

    onProgress('agent …')
    const reader = createVirtualReader(jpki)
    closers.push(() => reader.close())
    await reader.useCard(persona)
    if (options.withoutAgent !== true) {
      const agent = createAgent({
        cards: reader.readers,
        trustList: trustProviders([{ issuer, development: true }]),
        now,
        log: createAgentLog({ level: agentLogLevel(logLevel), destination: options.logDestination }),
        port: ports.agent,
      })
      closers.push(() => agent.close())
      await agent.listen()
    }
    const personaPage = await openPersonaPage({ ports, jpki, reader, clients: provider.clients, shopUrl })
    if (personaPage !== undefined) closers.push(() => personaPage.close())
    return {
      urls: {
        provider: issuer,
        shop: shopUrl,
        jpki: jpkiServer.url,
        agent: agentUrl,
        api: api?.resource,
        personas: personaPage?.url,
        ...admin,
      },
      jpki,
      provider,
      environment,
      useCard: (name) => reader.useCard(name),
      close,
    }
  } catch (fault) {
    await close()
    throw explainDemoFault(fault)
  }
}

/** Whoever opens the link and taps a card is the first owner. */
async function openConsole(
  { admin }: OpenProvider,
  port: number | undefined,
  closers: (() => unknown)[],
): Promise<Pick<Demo['urls'], 'admin' | 'invitation'>> {
  if (admin === undefined || port === undefined) return { admin: undefined, invitation: undefined }
  await serve(admin.server, port, closers)
  const origin = `http://localhost:${port}`
  const { administrators } = await admin.administrators.list()
  if (administrators.some(({ role }) => role === 'owner')) return { admin: `${origin}/admin`, invitation: undefined }
  const { token } = await admin.administrators.invite('owner', 'operator')
  return { admin: `${origin}/admin`, invitation: `${origin}/admin/invitation?token=${token}` }
}

/** The agent knows no `trace`; as loud as the provider only when everything is wanted. */
function agentLogLevel(level: LogLevel): 'silent' | 'debug' | 'warn' {
  return level === 'silent' ? 'silent' : level === 'trace' ? 'debug' : 'warn'
}

/** Before anything is written into it. */
function prepare(dataDirectory: string): void {
  try {
    prepareDataDirectory(dataDirectory)
    accessSync(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (fault) {
    throw unusableDirectory(fault)
  }
}

async function serve(server: Server, port: number, closers: (() => unknown)[]): Promise<void> {
  await listen(server, '127.0.0.1', port)
  closers.push(() => closeServer(server, 200))
}
