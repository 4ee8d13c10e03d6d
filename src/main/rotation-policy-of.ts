import type { Config } from '../config/config.ts'
import { DAY_MS, KEEP_RETIRED_MS, type RotationPolicy } from '../signing-key/plan-rotation.ts'

export function rotationPolicyOf({ signingKeys }: Pick<Config, 'signingKeys'>): RotationPolicy {
  return {
    publishAheadMs: signingKeys.publishAheadDays * DAY_MS,
    rotateEveryMs: signingKeys.rotateEveryDays * DAY_MS,
    keepRetiredMs: KEEP_RETIRED_MS,
  }
}
