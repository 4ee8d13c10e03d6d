import { createHash } from 'node:crypto'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { RateLimited } from '../../error-registry/rate-limited.ts'
import type { RateLimitCount, RateLimitKind, RateLimits } from '../../sign-in/rate-limits.ts'
import type { Database } from '../database.ts'
import type { RunScript } from '../redis/run-script.ts'
import { createBoundedCounts, type BoundedCounts } from './bounded-counts.ts'
import type { RateLimitSizes } from './rate-limit-sizes.ts'

const TABLE = 'rate_limits'

/**
 * In Redis, over every process; in this process alone while Redis is gone. A step of ours instead of the library's script: it goes with what the
 * request asks besides, and the servers of a release before, which count by the library, count in the same keys.
 */
export function createRedisRateLimits(run: RunScript, sizes: RateLimitSizes): RateLimits {
  return countWith(
    sizes,
    (kind, { points, duration }) =>
      async (key) =>
        Number(await run('limit', [`sekisho:limit:${kind}:${key}`], [points, duration * 1000])),
  )
}

/**
 * Without Redis each process counts for itself what protects it from floods: writing down each request of a flood would be the greater harm.
 * Cards are counted by PostgreSQL, over every process.
 */
export function createDatabaseRateLimits({ pool }: Pick<Database, 'pool'>, sizes: RateLimitSizes): RateLimits {
  return countWith(sizes, (kind, options) => {
    if (kind !== 'card') return undefined
    const limiter = new RateLimiterPostgres({
      ...options,
      storeClient: pool,
      storeType: 'pool',
      tableName: TABLE,
      tableCreated: true,
      keyPrefix: kind,
      clearExpiredByTimeout: false,
    })
    return (key) =>
      limiter.consume(key).then(
        () => 0,
        (rejection: unknown) => {
          if (rejection instanceof RateLimiterRes) return rejection.msBeforeNext
          throw rejection as Error
        },
      )
  })
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

/** Counts one more. @returns milliseconds until it is let through again; 0: it is let through */
type CountShared = (key: string) => Promise<number>

interface Limiter {
  /** Over every process; undefined: there is no such place. */
  readonly shared: CountShared | undefined
  /** What this process counts while there is no such place, and who it knows to be over. */
  readonly own: BoundedCounts
}

function countWith(
  sizes: RateLimitSizes,
  create: (kind: RateLimitKind, options: Options) => CountShared | undefined,
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
    if (shared === undefined) return
    let ms: number
    try {
      ms = await shared(key)
      // a flood from one key is refused without asking again
      if (ms > 0) own.block(key, ms)
    } catch {
      ms = own.count(key)
    }
    refuse(kind, ms)
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
