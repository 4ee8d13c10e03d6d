import type { VirtualJpki } from '@sekisho/virtual-jpki'
import { loadConfig } from '../../src/config/load-config.ts'
import { closeServer, listen } from '../../src/main/http-server.ts'
import { openProvider } from '../../src/main/open-provider.ts'
import type { Metrics } from '../../src/observability/metrics/create-metrics.ts'
import { freePorts } from './free-port.ts'
import { keepIssued, TEST_LOG, TEST_LOG_LEVEL } from './keep-logs.ts'
import { createTempDirectory } from './temp-directory.ts'
import { startVirtualNation } from './virtual-nation.ts'

/** One provider that listens; `address` is its own, the issuer may be another's. */
export interface ListeningProvider {
  readonly address: string
  close(): Promise<void>
}

/** Several instances of one provider, as behind a balancer: one issuer, one set of secrets, one database. */
export interface ProvidersOnOneDatabase {
  readonly issuer: string
  readonly jpki: VirtualJpki
  /** Starts one more, with a site `site` registered. @param metrics where it counts */
  open(metrics?: Metrics): Promise<ListeningProvider>
  close(): Promise<void>
}

export const SITE_REDIRECT_URI = 'http://localhost:1/cb'

/** @param publicIssuer when the instances stand behind a proxy with TLS */
export async function startProvidersOnOneDatabase(
  databaseUrl: string,
  publicIssuer?: string,
): Promise<ProvidersOnOneDatabase> {
  const directory = createTempDirectory('providers')
  const [balancer = 0] = await freePorts(1)
  const nation = await startVirtualNation(directory.path)
  const { jpki } = nation
  const issuer = publicIssuer ?? `http://localhost:${balancer}`
  const config = loadConfig({
    ISSUER: issuer,
    TRUST_PROXY: issuer.startsWith('https:') ? '1' : '0',
    DATABASE_URL: databaseUrl,
    ...nation.environment,
    REQUESTS_PER_MINUTE: '10000',
    CARD_SIGN_INS_PER_HOUR: '100000',
    TICKET_REQUESTS_PER_MINUTE: '10000',
    LOG_LEVEL: TEST_LOG_LEVEL,
  })
  const closers = new Set<() => Promise<void>>()

  return {
    issuer,
    jpki,
    open: async (metrics) => {
      const provider = await openProvider(config, { logDestination: TEST_LOG, ...(metrics && { metrics }) })
      await provider.clients.upsert({
        clientId: 'site',
        clientSecret: 's'.repeat(43),
        displayName: { ja: 'サイト', en: 'Site' },
        redirectUris: [SITE_REDIRECT_URI],
        firstParty: true,
        postLogoutRedirectUris: [],
      })
      const port = await listen(provider.server, '127.0.0.1', 0)
      const close = async (): Promise<void> => {
        closers.delete(close)
        await closeServer(provider.server, 200)
        await provider.close()
      }
      closers.add(close)
      return { address: `http://127.0.0.1:${port}`, close }
    },
    close: async () => {
      keepIssued(jpki)
      for (const close of closers) await close()
      await nation.close()
      await directory.remove()
    },
  }
}
