import type { Config } from '../config/config.ts'
import type { RedisLocation } from '../storage/redis/redis-location.ts'

/** Where the configuration says that Redis is. */
export function redisLocation({ url, tlsCa, sentinelPassword }: NonNullable<Config['redis']>): RedisLocation {
  const { isEncrypted, ...rest } = url.reveal()
  return { ...rest, sentinelPassword: sentinelPassword?.reveal(), tls: isEncrypted && { ca: tlsCa } }
}
