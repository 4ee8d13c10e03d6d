import type { VirtualJpki } from '@sekisho/virtual-jpki'
import pg from 'pg'
import { loadConfig } from '../../src/config/load-config.ts'
import { closeServer, listen } from '../../src/main/http-server.ts'
import { openProvider, type OpenProvider } from '../../src/main/open-provider.ts'
import type { Registration } from '../../src/relying-party/registration.ts'
import { createPersonWithCard, type PersonWithCard } from './person-with-card.ts'
import { freePorts } from './free-port.ts'
import { keepIssued, TEST_LOG, TEST_LOG_LEVEL } from './keep-logs.ts'
import { createMigratedPostgresDatabase } from './migrated-postgres.ts'
import { startRedisCluster } from './redis-cluster.ts'
import { startRedis } from './redis.ts'
import { createTempDirectory } from './temp-directory.ts'
import { startVirtualNation } from './virtual-nation.ts'

/** Two processes of one provider on one PostgreSQL, with real cards in software, and clients to be registered. */
export interface ConformanceSystem {
  /** Where the first process listens. */
  readonly issuer: string
  /** Another process of the same provider. */
  readonly second: string
  readonly jpki: VirtualJpki
  readonly database: pg.Pool
  /** What the processes were configured with: for `sekisho …` on the same database. */
  readonly environment: Readonly<Record<string, string>>
  /** What has a default is not asked for: a site with a secret, one redirect address and nothing else. */
  register(registration: Partial<Registration> & { readonly clientId: string }): Promise<void>
  /** Somebody with a browser of their own and a card. */
  person(persona?: string): PersonWithCard
  close(): Promise<void>
}

export const SECRET = 's'.repeat(43)
export const CALLBACK = 'http://localhost:1/cb'

/** @param databaseThrough what stands between the processes and their database: from its address to another one */
export async function startConformanceSystem(
  settings: Record<string, string> = {},
  databaseThrough = (databaseUrl: string) => Promise.resolve(databaseUrl),
): Promise<ConformanceSystem> {
  const directory = createTempDirectory('conformance')
  const [postgres, redis] = await Promise.all([createMigratedPostgresDatabase(), startRedisOfRun()])
  const [port = 0] = await freePorts(1)
  const nation = await startVirtualNation(directory.path)
  const { jpki } = nation
  const issuer = `http://localhost:${port}`
  const environment = {
    ISSUER: issuer,
    DATABASE_URL: await databaseThrough(postgres.databaseUrl),
    ...nation.environment,
    LINKAGE_SOURCE: 'operator',
    LINKAGE_URL: `${nation.url}/linkage`,
    LINKAGE_TOKEN_URL: `${nation.url}/linkage/token`,
    LINKAGE_CLIENT_ID: 'conformance',
    LINKAGE_CLIENT_SECRET: 'believed',
    REQUESTS_PER_MINUTE: '10000',
    CARD_SIGN_INS_PER_HOUR: '100000',
    TICKET_REQUESTS_PER_MINUTE: '10000',
    LOG_LEVEL: TEST_LOG_LEVEL,
    ...(redis && { REDIS_URL: redis.url }),
    ...settings,
  }
  const config = loadConfig(environment)
  const log = { logDestination: TEST_LOG }
  const providers: OpenProvider[] = [await openProvider(config, log)]
  providers.push(await openProvider(config, log))
  const [first, other] = providers
  if (first === undefined || other === undefined) throw new Error('two processes')
  await listen(first.server, '127.0.0.1', port)
  const second = `http://127.0.0.1:${await listen(other.server, '127.0.0.1', 0)}`
  const database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 2 })

  return {
    issuer,
    second,
    jpki,
    database,
    environment,
    register: (registration) =>
      first.clients.upsert({
        displayName: { ja: registration.clientId, en: registration.clientId },
        redirectUris: [CALLBACK],
        // nobody is asked, but where the test is about asking
        firstParty: true,
        ...(hasKeys(registration) || isPublic(registration) ? {} : { clientSecret: SECRET }),
        ...registration,
      }),
    person: (persona = 'taro') => createPersonWithCard({ issuer, persona, card: (name) => jpki.card(name) }),
    close: async () => {
      keepIssued(jpki)
      await database.end()
      for (const { server, close } of providers) {
        await closeServer(server, 200)
        await close()
      }
      await nation.close()
      await redis?.close()
      await postgres.drop()
      await directory.remove()
    },
  }
}

/** `SEKISHO_TEST_REDIS=single` or `=cluster`: the whole layer again, but for the few tests that look into PostgreSQL's tables. */
function startRedisOfRun(): Promise<{ readonly url: string; close(): Promise<void> } | undefined> {
  switch (process.env['SEKISHO_TEST_REDIS']) {
    case undefined:
      return Promise.resolve(undefined)
    case 'cluster':
      return startRedisCluster()
    default:
      return startRedis()
  }
}

function hasKeys({ jwks, jwksUri }: Partial<Registration>): boolean {
  return jwks !== undefined || jwksUri !== undefined
}

function isPublic({ applicationType, tokenEndpointAuthMethod }: Partial<Registration>): boolean {
  return tokenEndpointAuthMethod === 'none' || (applicationType ?? 'web') !== 'web'
}
