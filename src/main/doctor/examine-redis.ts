import type { Config } from '../../config/config.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import type { Log } from '../../observability/log.ts'
import type { Database } from '../../storage/database.ts'
import { openShortLived } from '../open-short-lived.ts'
import type { Finding } from './finding.ts'

export async function examineRedis(
  config: Config,
  { database, log, now }: { readonly database: Database | undefined; readonly log: Log; readonly now: () => Date },
): Promise<Finding> {
  if (config.redis === undefined) return { code: 'REDIS_NOT_USED' }
  if (database === undefined) return { code: 'NOT_EXAMINED', values: { what: 'Redis' } }
  try {
    const shortLived = await openShortLived({ config, database, log, now })
    try {
      const { state, fault } = await shortLived.health()
      if (state === 'ok') return { code: 'REDIS_OK' }
      return { code: fault === 'evicting' ? 'REDIS_EVICTS' : 'REDIS_UNREACHABLE' }
    } finally {
      await shortLived.close()
    }
  } catch (fault) {
    const isEvicting = fault instanceof Refusal && fault.code === 'SERVER_REDIS_EVICTS'
    return { code: isEvicting ? 'REDIS_EVICTS' : 'REDIS_UNREACHABLE' }
  }
}
