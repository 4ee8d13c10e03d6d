import type { TrustAnchors } from '../certificate/anchor/trust-anchor.ts'
import type { Config } from '../config/config.ts'
import { createHealth, type Health } from '../observability/health/create-health.ts'
import type { Metrics } from '../observability/metrics/create-metrics.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../storage/outbox.ts'
import { poolUseOf } from '../storage/pool-use.ts'
import { createSigningKeyStore } from '../storage/signing-key-store.ts'
import { ownHealthChecks } from './health-checks.ts'
import type { SourceGauges } from './measure/source-gauges.ts'
import { registerStateGauges } from './measure/state-gauges.ts'
import type { ShortLived } from './open-short-lived.ts'
import { rotationPolicyOf } from './rotation-policy-of.ts'

export interface WatchProviderDependencies {
  readonly config: Pick<Config, 'signingKeys'>
  readonly database: Database
  readonly shortLived: Pick<ShortLived, 'health'>
  readonly anchors: TrustAnchors
  readonly sources: SourceGauges
  readonly outbox: Pick<Outbox, 'depth'>
  readonly isListening: () => boolean
  readonly metrics: Metrics
  readonly now: () => Date
}

/** How the provider does: asked by balancers (`/health/ready`) and by Prometheus. */
export function watchProvider(deps: WatchProviderDependencies): Health {
  const { config, database, sources, metrics, now } = deps
  const keys = createSigningKeyStore(database)
  const signingKeys = () => keys.list()
  const checks = [
    ...ownHealthChecks({ ...deps, signingKeys, rotationPolicy: rotationPolicyOf(config) }),
    ...sources.checks(),
  ]
  const health = createHealth({ checks, now })
  registerStateGauges({ ...deps, metrics, health, signingKeys, poolUse: () => poolUseOf(database) })
  return health
}
