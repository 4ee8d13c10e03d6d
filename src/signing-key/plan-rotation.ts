import { SIGNING_ALGORITHMS, type SigningAlgorithm, type StoredSigningKey } from './signing-key-store.ts'

/** All in milliseconds. */
export interface RotationPolicy {
  /** How long a key is in the JWKS before it signs: sites keep a JWKS for a day, some for longer. */
  readonly publishAheadMs: number
  /** How long a key signs. */
  readonly rotateEveryMs: number
  /** How long a retired key is needed: until the last token that it signed has ended, or could come back as `id_token_hint`. */
  readonly keepRetiredMs: number
}

export const DAY_MS = 86_400_000

/** ID tokens come back as `id_token_hint` for as long as a session lasts: SESSION_SECONDS is a week at most. */
export const KEEP_RETIRED_MS = 7 * DAY_MS

export type RotationStep =
  | { readonly step: 'publish'; readonly algorithm: SigningAlgorithm; readonly activatesAt: Date }
  | { readonly step: 'activate'; readonly key: StoredSigningKey }
  | { readonly step: 'erase'; readonly key: StoredSigningKey }

/**
 * What is due now. Late is never a reason to be hasty: a provider that was off for half a year publishes first, and activates
 * after the whole time that sites need to see the new key.
 */
export function planRotation(keys: readonly StoredSigningKey[], now: Date, policy: RotationPolicy): RotationStep[] {
  return [
    ...SIGNING_ALGORITHMS.flatMap((algorithm) => planSuccession(keys, algorithm, now, policy)),
    ...keys.filter((key) => isSpent(key, now, policy)).map((key) => ({ step: 'erase', key }) as const),
  ]
}

/** The published key that will sign next. */
export function successorOf(
  keys: readonly StoredSigningKey[],
  algorithm: SigningAlgorithm,
): StoredSigningKey | undefined {
  return keys
    .filter((key) => key.algorithm === algorithm && key.state === 'published')
    .toSorted((one, other) => Number(one.activatesAt) - Number(other.activatesAt))[0]
}

export function activeKeyOf(
  keys: readonly StoredSigningKey[],
  algorithm: SigningAlgorithm,
): StoredSigningKey | undefined {
  return keys.find((key) => key.algorithm === algorithm && key.state === 'active')
}

function planSuccession(
  keys: readonly StoredSigningKey[],
  algorithm: SigningAlgorithm,
  now: Date,
  { publishAheadMs, rotateEveryMs }: RotationPolicy,
): RotationStep[] {
  const successor = successorOf(keys, algorithm)
  if (successor !== undefined) {
    return successor.activatesAt !== undefined && successor.activatesAt <= now
      ? [{ step: 'activate', key: successor }]
      : []
  }
  const active = activeKeyOf(keys, algorithm)
  // the very first one is made by whoever loads the keys
  if (active?.activatedAt === undefined) return []
  const endsMs = active.activatedAt.getTime() + rotateEveryMs
  if (now.getTime() < endsMs - publishAheadMs) return []
  return [{ step: 'publish', algorithm, activatesAt: new Date(Math.max(endsMs, now.getTime() + publishAheadMs)) }]
}

function isSpent(
  { sealedPrivateJwk, retiredAt, publishedUntil }: StoredSigningKey,
  now: Date,
  { keepRetiredMs }: RotationPolicy,
): boolean {
  if (sealedPrivateJwk === undefined || retiredAt === undefined || publishedUntil === undefined) return false
  return publishedUntil <= now && retiredAt.getTime() + keepRetiredMs <= now.getTime()
}
