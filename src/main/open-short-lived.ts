import type { Config } from '../config/config.ts'
import type { Refusal } from '../error-registry/refusal.ts'
import type { Log } from '../observability/log.ts'
import { routeInId, routeOfGroup } from '../oidc/route-ids.ts'
import type { ChoiceStore } from '../sign-in/choice-store.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import type { TicketStore } from '../sign-in/ticket-store.ts'
import { createChoiceStore } from '../storage/choice-store.ts'
import type { Database } from '../storage/database.ts'
import { createHoldings, type Holdings } from '../storage/holdings.ts'
import { createOidcArtifactStore, type OidcArtifactStore } from '../storage/oidc-artifact-store.ts'
import {
  createDatabaseRateLimits,
  createRedisRateLimits,
  deleteExpiredCounts,
} from '../storage/rate-limits/create-rate-limits.ts'
import type { RateLimitSizes } from '../storage/rate-limits/rate-limit-sizes.ts'
import { claimPlace, elsewhere, readPlace, type Place } from '../storage/short-lived/claim-place.ts'
import { refuseElsewhere } from '../storage/short-lived/refuse-elsewhere.ts'
import { createSignInTicketStore } from '../storage/sign-in-ticket-store.ts'
import type { CleaningJob } from './clean-expired.ts'
import { redisLocation } from './redis-location.ts'
import { repeat } from './repeat.ts'

/** How the place of what is short-lived does, as seen just now. */
export interface ShortLivedHealth {
  /** `database`: in PostgreSQL, whose health is told elsewhere. */
  readonly place: 'database' | 'redis'
  /** `unavailable`: nothing is granted until it is `ok` again. */
  readonly state: 'ok' | 'unavailable'
  /** Why, for an operator: one word, no secret. */
  readonly fault?: 'unreachable' | 'evicting' | 'elsewhere' | undefined
}

/** What lives for seconds to days and may be lost without anybody losing an account. */
export interface ShortLived {
  readonly artifacts: OidcArtifactStore
  readonly tickets: TicketStore
  readonly choices: ChoiceStore
  readonly holdings: Holdings
  readonly rateLimits: RateLimits
  /** Empty where the store forgets by itself. */
  readonly cleaningJobs: readonly CleaningJob[]
  /** Never rejects; answers within two seconds or so. */
  health(): Promise<ShortLivedHealth>
  close(): Promise<void>
}

export interface OpenShortLivedOptions {
  readonly config: Pick<Config, 'redis' | 'rateLimits'>
  readonly database: Database
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly now: () => Date
}

/** How often it is asked whether this is still the place. */
const LOOK_MS = 5_000

/**
 * In Redis when there is one, else in PostgreSQL; at the same place as every other server of this database (docs/adr/0021).
 *
 * @throws Refusal SERVER_STORAGE_UNAVAILABLE, SERVER_REDIS_EVICTS, SERVER_SHORT_LIVED_ELSEWHERE
 */
export async function openShortLived(options: OpenShortLivedOptions): Promise<ShortLived> {
  const { config, database, log, now } = options
  const place = placeOf(config)
  await claimPlace(database, place, now())
  const opened = place === 'redis' ? await openInRedis(options) : openInDatabase(options)
  let refused: Refusal | undefined
  const looking = repeat(
    LOOK_MS,
    async () => {
      const standing = await readPlace(database)
      const isElsewhere = standing !== place
      if (isElsewhere && refused === undefined) log.error(elsewhere(standing, place).message)
      refused = isElsewhere ? elsewhere(standing, place) : undefined
    },
    () => {
      // no answer is no news; the stores say by themselves that they have none
    },
  )
  const refusal = (): Refusal | undefined => refused
  return {
    ...opened,
    artifacts: refuseElsewhere(opened.artifacts, refusal),
    tickets: refuseElsewhere(opened.tickets, refusal),
    choices: refuseElsewhere(opened.choices, refusal),
    holdings: refuseElsewhere(opened.holdings, refusal),
    health: () =>
      refused === undefined ? opened.health() : Promise.resolve({ place, state: 'unavailable', fault: 'elsewhere' }),
    close: async () => {
      await looking.stop()
      await opened.close()
    },
  }
}

/** Where the configuration keeps it. */
export function placeOf({ redis }: Pick<Config, 'redis'>): Place {
  return redis === undefined ? 'database' : 'redis'
}

async function openInRedis({ config, database, log, now }: OpenShortLivedOptions): Promise<ShortLived> {
  if (config.redis === undefined) throw new Error('no Redis')
  // whoever has no Redis does not wait for its client to be loaded
  const { openRedis } = await import('../storage/redis/open-redis.ts')
  const redis = await openRedis({
    location: redisLocation(config.redis),
    database,
    routes: { ofGroup: routeOfGroup, inId: routeInId },
    now,
    onSuperseded: (servers) => {
      log.warn({ servers }, 'Redis restarted or failed over: what it held is not believed, people sign in again')
    },
    onElsewhere: ({ code, message }) => {
      log.error({ code }, message)
    },
  })
  return {
    artifacts: redis.artifacts,
    tickets: redis.tickets,
    choices: redis.choices,
    holdings: redis.holdings,
    rateLimits: createRedisRateLimits(redis.run, rateLimitSizes(config.rateLimits)),
    cleaningJobs: [],
    health: async () => ({ place: 'redis', ...(await redis.health()) }),
    close: () => redis.close(),
  }
}

function openInDatabase({ config, database, now }: OpenShortLivedOptions): ShortLived {
  const artifacts = createOidcArtifactStore({ database, now })
  const tickets = createSignInTicketStore(database)
  const choices = createChoiceStore(database)
  return {
    artifacts,
    tickets,
    choices,
    holdings: createHoldings(database),
    rateLimits: createDatabaseRateLimits(database, rateLimitSizes(config.rateLimits)),
    cleaningJobs: [
      (limit) => tickets.deleteExpired(now(), limit),
      (limit) => choices.deleteExpired(now(), limit),
      (limit) => artifacts.deleteExpired(limit),
      (limit) => deleteExpiredCounts(database, now(), limit),
    ],
    health: () => Promise.resolve({ place: 'database', state: 'ok' }),
    close: () => Promise.resolve(),
  }
}

function rateLimitSizes(limits: Config['rateLimits']): RateLimitSizes {
  return {
    address: { points: limits.perAddressAndMinute, seconds: 60 },
    ceremony: { points: limits.perCeremonyAndMinute, seconds: 60 },
    client: { points: limits.perClientAndMinute, seconds: 60 },
    card: { points: limits.perCardAndHour, seconds: 3600 },
  }
}
