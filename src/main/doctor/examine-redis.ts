import type { Config } from '../../config/config.ts'
import type { Database } from '../../storage/database.ts'
import { readPlace } from '../../storage/short-lived/claim-place.ts'
import { placeOf } from '../open-short-lived.ts'
import { redisLocation } from '../redis-location.ts'
import type { Finding } from './finding.ts'

/** Only looks: a server that is not the one would be taken for a successor, and what the other one has be lost. */
export async function examineRedis(config: Config, database: Database | undefined): Promise<readonly Finding[]> {
  const claimed = database && (await readPlace(database).catch(() => undefined))
  const findings: Finding[] = []
  if (claimed !== undefined && claimed !== placeOf(config)) findings.push({ code: 'SHORT_LIVED_ELSEWHERE' })
  if (config.redis === undefined) return [...findings, { code: 'REDIS_NOT_USED' }]
  const { lookAtRedis } = await import('../../storage/redis/redis-health.ts')
  const health = await lookAtRedis(redisLocation(config.redis))
  if (health.state === 'ok') return [...findings, { code: 'REDIS_OK' }]
  return [...findings, { code: health.fault === 'evicting' ? 'REDIS_EVICTS' : 'REDIS_UNREACHABLE' }]
}
