import type { Refusal } from '../../error-registry/refusal.ts'
import type { ChoiceStore } from '../../sign-in/choice-store.ts'
import type { TicketStore } from '../../sign-in/ticket-store.ts'
import type { Database } from '../database.ts'
import { createElders } from '../elders.ts'
import type { Holdings } from '../holdings.ts'
import type { OidcArtifactStore } from '../oidc-artifact-store.ts'
import { connectRedis, type RedisClient } from './connect-redis.ts'
import { createIncarnations, LOOK_MS } from './incarnations.ts'
import type { Routes } from './keys.ts'
import { createRedisArtifactStore } from './redis-artifact-store.ts'
import { createRedisChoiceStore } from './redis-choice-store.ts'
import { createRedisHoldings } from './redis-holdings.ts'
import { readRedisHealth, refuseEviction, type RedisHealth } from './redis-health.ts'
import type { RedisLocation } from './redis-location.ts'
import { createRedisTicketStore } from './redis-ticket-store.ts'
import { createRunScript, type RunScript } from './run-script.ts'

export interface OpenRedisOptions {
  readonly location: RedisLocation
  /** What Redis may be believed is written down here. */
  readonly database: Database
  readonly routes: Routes
  readonly now: () => Date
  /** Redis lost what it had: so many of its servers restarted or were replaced, and what they held is worth nothing. */
  readonly onSuperseded: (servers: number) => void
  /** Others of this database use another Redis: nothing is done until they do not. Told once each time. */
  readonly onElsewhere?: (refusal: Refusal) => void
  /** How often a process looks which Redis this is, and what others have found out about it. */
  readonly lookMs?: number
}

export interface OpenedRedis {
  readonly client: RedisClient
  readonly run: RunScript
  readonly artifacts: OidcArtifactStore
  readonly tickets: TicketStore
  readonly choices: ChoiceStore
  readonly holdings: Holdings
  health(): Promise<RedisHealth>
  close(): Promise<void>
}

/**
 * Everything short-lived, in Redis.
 *
 * @throws Refusal SERVER_STORAGE_UNAVAILABLE; SERVER_REDIS_EVICTS when it may throw away what it was told to keep;
 *   SERVER_SHORT_LIVED_ELSEWHERE when others of this database use another Redis
 */
export async function openRedis({
  location,
  database,
  routes,
  now,
  onSuperseded,
  onElsewhere,
  lookMs = LOOK_MS,
}: OpenRedisOptions): Promise<OpenedRedis> {
  const client = await connectRedis(location)
  const incarnations = createIncarnations({ client, database, now, onSuperseded, lookMs })
  const elders = createElders(database)
  try {
    await Promise.all([incarnations.recognise(), elders.look()])
    await refuseEviction(client)
  } catch (fault) {
    client.disconnect()
    throw fault
  }
  const reloading = setInterval(() => {
    const wasElsewhere = incarnations.isElsewhere()
    elders.look().catch(() => {
      // no answer is no news
    })
    // the next command finds out by itself
    incarnations.recognise().catch((fault: unknown) => {
      if (incarnations.isElsewhere() && !wasElsewhere) onElsewhere?.(fault as Refusal)
    })
  }, lookMs)
  reloading.unref()
  const run = createRunScript({ client, incarnations, now })
  return {
    client,
    run,
    artifacts: createRedisArtifactStore({ run, routes, now, writesPlain: () => elders.areThere() }),
    tickets: createRedisTicketStore({ run, now }),
    choices: createRedisChoiceStore({ run, now }),
    holdings: createRedisHoldings({ run, routes, database }),
    health: async () =>
      incarnations.isElsewhere() ? { state: 'unavailable', fault: 'elsewhere' } : readRedisHealth(client),
    close: () => {
      clearInterval(reloading)
      client.disconnect()
      return Promise.resolve()
    },
  }
}
