import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVirtualJpki, serveVirtualJpki, type VirtualJpki } from '@sekisho/virtual-jpki'
import { loadConfig } from '../../src/config/load-config.ts'
import { closeServer, listen } from '../../src/main/http-server.ts'
import { openProvider } from '../../src/main/open-provider.ts'
import type { Metrics } from '../../src/observability/metrics/create-metrics.ts'
import { freePorts } from './free-port.ts'
import { keepIssued, TEST_LOG, TEST_LOG_LEVEL } from './keep-logs.ts'
import { createTempDirectory } from './temp-directory.ts'

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
  const jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: join(directory.path, 'jpki') })
  const jpkiServer = await serveVirtualJpki(jpki, { port: 0 })
  for (const purpose of ['authentication', 'signature'] as const) {
    mkdirSync(join(directory.path, purpose))
    for (const { name, pem } of jpki.anchors[purpose]) writeFileSync(join(directory.path, purpose, name), pem)
  }
  const issuer = publicIssuer ?? `http://localhost:${balancer}`
  const config = loadConfig({
    ISSUER: issuer,
    TRUST_PROXY: issuer.startsWith('https:') ? '1' : '0',
    DATABASE_URL: databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    TRUST_ANCHORS_DIR: directory.path,
    UNSAFE_TRUST_VIRTUAL_JPKI: '1',
    UNKNOWN_CARDS: 'new',
    REVOCATION_SOURCES: 'ocsp',
    OCSP_URL: `${jpkiServer.url}/ocsp`,
    OUTBOUND_INTRANET_HOSTS: '127.0.0.1',
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
      await jpkiServer.close()
      await directory.remove()
    },
  }
}
