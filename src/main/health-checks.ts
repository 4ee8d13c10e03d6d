import { describeAnchorReadiness } from '../certificate/anchor/anchor-readiness.ts'
import type { TrustAnchors } from '../certificate/anchor/trust-anchor.ts'
import type { HealthCheck, HealthState } from '../observability/health/health-check.ts'
import type { RotationPolicy } from '../signing-key/plan-rotation.ts'
import type { StoredSigningKey } from '../signing-key/signing-key-store.ts'
import type { Queryable } from '../storage/database.ts'
import { statusOf } from './key/print-keys.ts'
import type { ShortLived } from './open-short-lived.ts'

export interface HealthCheckDependencies {
  readonly database: Queryable
  readonly shortLived: Pick<ShortLived, 'health'>
  readonly anchors: TrustAnchors
  readonly signingKeys: () => Promise<readonly StoredSigningKey[]>
  readonly rotationPolicy: RotationPolicy
  /** Whether changes of other processes are heard of. */
  readonly isListening: () => boolean
  readonly now: () => Date
}

const ANCHORS: Readonly<Record<'ready' | 'ending' | 'unready', HealthState>> = {
  ready: 'ok',
  ending: 'degraded',
  unready: 'unready',
}

/** What this process itself needs. What others must answer is watched as they are asked (measure/source-gauges.ts). */
export function ownHealthChecks(deps: HealthCheckDependencies): readonly HealthCheck[] {
  const { database, shortLived, anchors, signingKeys, rotationPolicy, isListening, now } = deps
  return [
    {
      name: 'database',
      silenceIs: 'unready',
      read: async () => {
        await database.query('SELECT 1')
        return { state: 'ok' }
      },
    },
    {
      name: 'short_lived',
      silenceIs: 'unready',
      read: async () => {
        const { place, state, fault } = await shortLived.health()
        return { state: state === 'ok' ? 'ok' : 'unready', detail: { place, ...(fault && { fault }) } }
      },
    },
    {
      name: 'trust_anchors',
      silenceIs: 'unready',
      read: () => {
        const { state, lastUsableUntil } = describeAnchorReadiness(anchors, 'authentication', now())
        return { state: ANCHORS[state], detail: { last_usable_until: lastUsableUntil?.toISOString() ?? null } }
      },
    },
    {
      name: 'signing_keys',
      silenceIs: 'unready',
      read: async () => {
        const status = statusOf(await signingKeys(), now(), rotationPolicy)
        const faults = new Set(status.map(({ fault }) => fault))
        const since = status.map((one) => one.since?.getTime() ?? Number.POSITIVE_INFINITY)
        const oldest = Math.min(...since)
        return {
          state: faults.has('NO_KEY') ? 'unready' : faults.has('OVERDUE') ? 'degraded' : 'ok',
          detail: { oldest_since: Number.isFinite(oldest) ? new Date(oldest).toISOString() : null },
        }
      },
    },
    {
      name: 'change_feed',
      silenceIs: 'degraded',
      // without it every look-up asks the database: slower, never wrong
      read: () => ({ state: isListening() ? 'ok' : 'degraded' }),
    },
  ]
}
