import { ConfigError } from '../../config/config-error.ts'
import type { Config } from '../../config/config.ts'
import { loadConfig } from '../../config/load-config.ts'
import { unreachableReason } from '../serve/refuse-unreachable.ts'
import { examineAnchors } from './examine-anchors.ts'
import { examineDatabase } from './examine-database.ts'
import { examineKeys } from './examine-keys.ts'
import { examineProxy } from './examine-proxy.ts'
import { examineRedis } from './examine-redis.ts'
import { examineLinkage, examineRevocation } from './examine-sources.ts'
import type { Finding } from './finding.ts'

export interface DoctorDependencies {
  readonly environment: NodeJS.ProcessEnv
  readonly now: () => Date
  /** Told of each finding as it is made. */
  readonly onFinding: (finding: Finding) => void
}

/**
 * Everything that can be told from outside a running server, in the order in which an operator would mend it. Changes nothing: it makes
 * no key, migrates nothing, and what it begins at the public address expires by itself.
 */
export async function runDoctor({ environment, now, onFinding }: DoctorDependencies): Promise<void> {
  const tell = (findings: readonly Finding[]): void => {
    findings.forEach(onFinding)
  }
  const config = readConfiguration(environment, onFinding)
  if (config === undefined) return

  const { findings: ofDatabase, database } = await examineDatabase(config, now)
  tell(ofDatabase)
  try {
    tell(await examineRedis(config, database))
    const { findings: ofAnchors, anchors } = await examineAnchors(config, now)
    tell(ofAnchors)
    tell([await examineKeys(config, { database, now })])
    tell(await examineRevocation(config, { anchors, now }))
    tell(await examineLinkage(config, now))
    tell(await examineProxy(config))
  } finally {
    await database?.close()
  }
}

function readConfiguration(
  environment: NodeJS.ProcessEnv,
  onFinding: DoctorDependencies['onFinding'],
): Config | undefined {
  try {
    const config = loadConfig(environment)
    const reason = unreachableReason(config)
    onFinding(
      reason === undefined
        ? { code: 'CONFIG_OK', values: { issuer: config.issuer } }
        : { code: 'ISSUER_UNREACHABLE', values: { reason } },
    )
    return config
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault
    for (const { key, fault: what } of fault.faults) onFinding({ code: 'CONFIG_INVALID', values: { key, fault: what } })
    return undefined
  }
}
