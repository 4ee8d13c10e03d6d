import { createHash } from 'node:crypto'
import { RateLimiterPostgres, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import { RateLimited } from '../../error-registry/rate-limited.ts'
import type { RateLimitCount, RateLimitKind, RateLimits } from '../../sign-in/rate-limits.ts'
import type { Database } from '../database.ts'
import type { RedisClient } from '../redis/connect-redis.ts'
import { createBoundedCounts, type BoundedCounts } from './bounded-counts.ts'
import type { RateLimitSizes } from './rate-limit-sizes.ts'

const TABLE = 'rate_limits'

/** In Redis, over every process; in this process alone while Redis is gone. */
export function createRedisRateLimits(client: RedisClient, sizes: RateLimitSizes): RateLimits {
  return countWith(sizes, (kind, options) => {
    return new RateLimiterRedis({
      ...options,
      storeClient: client,
      keyPrefix: `sekisho:limit:${kind}`,
      rejectIfRedisNotReady: true,
    })
  })
}

/**
 * Without Redis each process counts for itself what protects it from floods: writing down each request of a flood would be the greater harm.
 * Cards are counted by PostgreSQL, over every process.
 */
export function createDatabaseRateLimits({ pool }: Pick<Database, 'pool'>, sizes: RateLimitSizes): RateLimits {
  return countWith(sizes, (kind, options) =>
    kind === 'card'
      ? new RateLimiterPostgres({
          ...options,
          storeClient: pool,
          storeType: 'pool',
          tableName: TABLE,
          tableCreated: true,
          keyPrefix: kind,
          clearExpiredByTimeout: false,
        })
      : undefined,
  )
}

/** @returns how many counts that are over were removed */
export async function deleteExpiredCounts(database: Database, now: Date, limit: number): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM ${TABLE} WHERE key IN (SELECT key FROM ${TABLE} WHERE expire < $1 LIMIT $2)`,
    [now.getTime(), limit],
  )
  return rowCount ?? 0
}

type Options = { readonly points: number; readonly duration: number }

/** What a process remembers of one kind: about 10 MB when it is full. */
const MAX_KEYS = 50_000

interface Limiter {
  /** Over every process; undefined: there is no such place. */
  readonly shared: RateLimiterAbstract | undefined
  /** What this process counts while there is no such place, and who it knows to be over. */
  readonly own: BoundedCounts
}

function countWith(
  sizes: RateLimitSizes,
  create: (kind: RateLimitKind, options: Options) => RateLimiterAbstract | undefined,
): RateLimits {
  const limiterOf = (kind: RateLimitKind): Limiter => {
    const { points, seconds } = sizes[kind]
    return {
      shared: create(kind, { points, duration: seconds }),
      own: createBoundedCounts({ points, seconds, maxKeys: MAX_KEYS, now: () => performance.now() }),
    }
  }
  const limiters: Readonly<Record<RateLimitKind, Limiter>> = {
    address: limiterOf('address'),
    ceremony: limiterOf('ceremony'),
    client: limiterOf('client'),
    card: limiterOf('card'),
  }

  const countShared = async (kind: RateLimitKind, key: string): Promise<void> => {
    const { shared, own } = limiters[kind]
    try {
      await shared?.consume(key)
    } catch (rejection) {
      if (rejection instanceof RateLimiterRes) {
        // a flood from one key is refused without asking again
        own.block(key, rejection.msBeforeNext)
        refuse(kind, rejection.msBeforeNext)
      } else refuse(kind, own.count(key))
    }
  }
  const countAll = async (counts: readonly RateLimitCount[]): Promise<void> => {
    const keys = counts.map(([kind, key]) => [kind, digestOf(key)] as const)
    for (const [kind, key] of keys) {
      const { shared, own } = limiters[kind]
      refuse(kind, shared === undefined ? own.count(key) : own.msLeft(key))
    }
    await Promise.all(keys.map(([kind, key]) => countShared(kind, key)))
  }

  return { count: (kind, key) => countAll([[kind, key]]), countAll }
}

/** @throws RateLimited unless there is nothing to wait for */
function refuse(kind: RateLimitKind, ms: number): void {
  if (ms === 0) return
  const code = kind === 'card' ? 'SIGNIN_CARD_USED_TOO_OFTEN' : 'SIGNIN_RATE_LIMITED'
  throw new RateLimited(code, Math.max(1, Math.ceil(ms / 1000)), `too often: ${kind}`)
}

/** 132 bits: no address or ticket is written down. */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22)
}
