import { describeAnchorReadiness } from '../../certificate/anchor/anchor-readiness.ts'
import type { TrustAnchors } from '../../certificate/anchor/trust-anchor.ts'
import type { Health } from '../../observability/health/create-health.ts'
import type { HealthState } from '../../observability/health/health-check.ts'
import type { Metrics } from '../../observability/metrics/create-metrics.ts'
import { activeKeyOf } from '../../signing-key/plan-rotation.ts'
import { SIGNING_ALGORITHMS, type StoredSigningKey } from '../../signing-key/signing-key-store.ts'
import type { Outbox } from '../../storage/outbox.ts'
import type { PoolUse } from '../../storage/pool-use.ts'

export interface StateGaugesDependencies {
  readonly metrics: Metrics
  readonly health: Health
  readonly anchors: TrustAnchors
  readonly signingKeys: () => Promise<readonly StoredSigningKey[]>
  readonly outbox: Pick<Outbox, 'depth'>
  readonly poolUse: () => PoolUse
  readonly now: () => Date
}

const DAY_SECONDS = 86_400
const STATES: readonly HealthState[] = ['ok', 'degraded', 'unready']

/** What is read when somebody scrapes. What all workers see alike is combined by its worst. */
export function registerStateGauges(deps: StateGaugesDependencies): void {
  const { metrics, health, anchors, signingKeys, outbox, poolUse, now } = deps

  metrics.gauge({
    name: 'sekisho_health',
    help: '1 for the state that a check is in; with several workers each may see its own.',
    labels: ['check', 'state'],
    aggregator: 'max',
    read: async () => {
      const { checks } = await health.read()
      return checks.flatMap(({ name: check, state: found }) =>
        STATES.map((state) => ({ labels: { check, state }, value: state === found ? 1 : 0 })),
      )
    },
  })
  metrics.gauge({
    name: 'sekisho_trust_anchor_days_left',
    help: 'Days until the last usable root for sign-in ends; 0 when there is none.',
    labels: [],
    aggregator: 'min',
    read: () => {
      const { lastUsableUntil } = describeAnchorReadiness(anchors, 'authentication', now())
      const seconds = lastUsableUntil === undefined ? 0 : (lastUsableUntil.getTime() - now().getTime()) / 1000
      return [{ labels: {}, value: seconds / DAY_SECONDS }]
    },
  })
  metrics.gauge({
    name: 'sekisho_signing_key_age_seconds',
    help: 'How long the key that signs has been signing.',
    labels: ['algorithm'],
    aggregator: 'max',
    read: async () => {
      const keys = await signingKeys()
      return SIGNING_ALGORITHMS.flatMap((algorithm) => {
        const since = activeKeyOf(keys, algorithm)?.activatedAt
        return since === undefined ? [] : [{ labels: { algorithm }, value: (now().getTime() - since.getTime()) / 1000 }]
      })
    },
  })
  metrics.gauge({
    name: 'sekisho_outbox_messages',
    help: 'Messages to sites: due or waiting for another attempt, or given up.',
    labels: ['state'],
    aggregator: 'max',
    read: async () => {
      const { waiting, givenUp } = await outbox.depth()
      return [
        { labels: { state: 'waiting' }, value: waiting },
        { labels: { state: 'given_up' }, value: givenUp },
      ]
    },
  })
  metrics.gauge({
    name: 'sekisho_database_connections',
    help: 'Connections of the pool, and requests that wait for one.',
    labels: ['state'],
    aggregator: 'sum',
    read: () => Object.entries<number>({ ...poolUse() }).map(([state, value]) => ({ labels: { state }, value })),
  })
}
