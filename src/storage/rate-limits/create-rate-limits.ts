import { createHash } from 'node:crypto'
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible'
import { RateLimited } from '../../error-registry/rate-limited.ts'
import type { RateLimitKind, RateLimits } from '../../sign-in/rate-limits.ts'
import type { Database } from '../database.ts'
import type { RedisClient } from '../redis/connect-redis.ts'
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
      // a flood from one key asks Redis no more than this often
      inMemoryBlockOnConsumed: options.points,
      insuranceLimiter: new RateLimiterMemory(options),
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
          insuranceLimiter: new RateLimiterMemory(options),
        })
      : new RateLimiterMemory(options),
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

function countWith(
  sizes: RateLimitSizes,
  create: (kind: RateLimitKind, options: Options) => RateLimiterAbstract,
): RateLimits {
  const limiterOf = (kind: RateLimitKind): RateLimiterAbstract => {
    const { points, seconds } = sizes[kind]
    return create(kind, { points, duration: seconds })
  }
  const limiters: Readonly<Record<RateLimitKind, RateLimiterAbstract>> = {
    address: limiterOf('address'),
    ceremony: limiterOf('ceremony'),
    client: limiterOf('client'),
    card: limiterOf('card'),
  }
  return {
    async count(kind, key) {
      try {
        await limiters[kind].consume(createHash('sha256').update(key).digest('base64url').slice(0, KEY_LENGTH))
      } catch (rejection) {
        if (!(rejection instanceof RateLimiterRes)) throw rejection
        const seconds = Math.max(1, Math.ceil(rejection.msBeforeNext / 1000))
        const code = kind === 'card' ? 'SIGNIN_CARD_USED_TOO_OFTEN' : 'SIGNIN_RATE_LIMITED'
        throw new RateLimited(code, seconds, `too often: ${kind}`)
      }
    },
  }
}

/** 132 bits: no address or ticket is written down. */
const KEY_LENGTH = 22
