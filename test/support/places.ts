import { loadConfig } from '../../src/config/load-config.ts'
import { routeInId, routeOfGroup } from '../../src/oidc/route-ids.ts'
import { redisLocation } from '../../src/main/redis-location.ts'
import type { ChoiceStore } from '../../src/sign-in/choice-store.ts'
import type { RateLimits } from '../../src/sign-in/rate-limits.ts'
import type { TicketStore } from '../../src/sign-in/ticket-store.ts'
import { createChoiceStore } from '../../src/storage/choice-store.ts'
import type { Database } from '../../src/storage/database.ts'
import { createHoldings, type Holdings } from '../../src/storage/holdings.ts'
import { createOidcArtifactStore, type OidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import { createDatabaseRateLimits, createRedisRateLimits } from '../../src/storage/rate-limits/create-rate-limits.ts'
import type { RateLimitSizes } from '../../src/storage/rate-limits/rate-limit-sizes.ts'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import type { RedisLocation } from '../../src/storage/redis/redis-location.ts'
import { createSignInTicketStore } from '../../src/storage/sign-in-ticket-store.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from './databases.ts'
import { startRedisCluster } from './redis-cluster.ts'
import { startRedis } from './redis.ts'

/** Somewhere that short-lived things are kept. */
export interface TestPlace {
  readonly database: Database
  readonly artifacts: OidcArtifactStore
  readonly tickets: TicketStore
  readonly choices: ChoiceStore
  readonly holdings: Holdings
  /** Of one more process at this place. */
  limits(sizes: RateLimitSizes): RateLimits
  /** Everything that is there, as somebody sees it who steals a copy. */
  dump(): Promise<string>
  remove(): Promise<void>
}

const [POSTGRESQL, PGLITE] = DATABASES

/** The places that every store of short-lived things must pass its contract in: `describe.each(PLACES)`. */
export const PLACES = [
  { name: POSTGRESQL.name, openPlace: inDatabase(POSTGRESQL.createDatabase) },
  { name: PGLITE.name, openPlace: inDatabase(PGLITE.createDatabase) },
  { name: 'Redis', openPlace: inRedis(startRedis) },
  { name: 'Redis Cluster', openPlace: inRedis(startRedisCluster) },
] as const

export const ROUTES = { ofGroup: routeOfGroup, inId: routeInId }

/** What `REDIS_URL` means. */
export function locationOf(url: string): RedisLocation {
  const { redis } = loadConfig({
    NODE_ENV: 'test',
    REVOCATION_SOURCES: 'none',
    DATABASE_URL: 'postgres://unused@127.0.0.1/unused',
    COOKIE_KEYS: 'k'.repeat(32),
    HANDLE_PEPPER: `1:${'A'.repeat(43)}=`,
    KEY_ENCRYPTION_KEY: `${'A'.repeat(43)}=`,
    REDIS_URL: url,
  })
  if (redis === undefined) throw new Error('no Redis')
  return redisLocation(redis)
}

function inDatabase(createDatabase: () => Promise<TestDatabase>) {
  return async (now: () => Date): Promise<TestPlace> => {
    const { database, remove } = await createMigratedDatabase(createDatabase)
    return {
      database,
      artifacts: createOidcArtifactStore({ database, now }),
      tickets: createSignInTicketStore(database),
      choices: createChoiceStore(database),
      holdings: createHoldings(database),
      limits: (sizes) => createDatabaseRateLimits(database, sizes),
      dump: async () => {
        const tables = ['oidc_artifacts', 'sign_in_tickets', 'pending_choices']
        const rows = await Promise.all(tables.map((table) => database.query(`SELECT * FROM ${table}`)))
        return JSON.stringify(rows.map(({ rows: found }) => found))
      },
      remove,
    }
  }
}

function inRedis(start: () => Promise<{ readonly url: string; close(): Promise<void> }>) {
  return async (now: () => Date): Promise<TestPlace> => {
    const [server, made] = await Promise.all([start(), createMigratedDatabase(POSTGRESQL.createDatabase)])
    const { database } = made
    const redis = await openRedis({
      location: locationOf(server.url),
      database,
      routes: ROUTES,
      now,
      onSuperseded: () => undefined,
    })
    return {
      ...redis,
      database,
      limits: (sizes) => createRedisRateLimits(redis.run, sizes),
      dump: async () => JSON.stringify(await everything(redis)),
      remove: async () => {
        await redis.close()
        await server.close()
        await made.remove()
      },
    }
  }
}

/** Keys and values of every master. */
export async function everything({ client }: Pick<OpenedRedis, 'client'>): Promise<readonly (readonly string[])[]> {
  const masters = 'nodes' in client ? client.nodes('master') : [client]
  const found: string[][] = []
  for (const master of masters) {
    for (const key of await master.keys('*')) {
      const type = await master.type(key)
      const value = type === 'zset' ? (await master.zrange(key, '0', '-1')).join(' ') : await master.get(key)
      found.push([key, value ?? ''])
    }
  }
  return found
}
