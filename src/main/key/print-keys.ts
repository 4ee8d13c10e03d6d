import { activeKeyOf, successorOf, type RotationPolicy } from '../../signing-key/plan-rotation.ts'
import { isInJwks } from '../../signing-key/signing-key-states.ts'
import {
  SIGNING_ALGORITHMS,
  type KeyMove,
  type SigningAlgorithm,
  type StoredSigningKey,
} from '../../signing-key/signing-key-store.ts'

/** Of one algorithm. */
export interface AlgorithmStatus {
  readonly algorithm: SigningAlgorithm
  readonly signs: string | undefined
  readonly since: Date | undefined
  readonly next: string | undefined
  /** When the next one signs; when there is none yet, when it will. */
  readonly nextSigns: Date | undefined
  readonly fault: 'NO_KEY' | 'OVERDUE' | undefined
}

/** The schedule runs every minute in every server: what is an hour late, nobody is doing. */
const OVERDUE_MS = 3_600_000

export function statusOf(
  keys: readonly StoredSigningKey[],
  now: Date,
  { rotateEveryMs }: Pick<RotationPolicy, 'rotateEveryMs'>,
): AlgorithmStatus[] {
  return SIGNING_ALGORITHMS.map((algorithm) => {
    const active = activeKeyOf(keys, algorithm)
    const next = successorOf(keys, algorithm)
    const ends = active?.activatedAt && new Date(active.activatedAt.getTime() + rotateEveryMs)
    const nextSigns = next?.activatesAt ?? ends
    const isOverdue = nextSigns !== undefined && now.getTime() - nextSigns.getTime() > OVERDUE_MS
    return {
      algorithm,
      signs: active?.kid,
      since: active?.activatedAt,
      next: next?.kid,
      nextSigns,
      fault: active === undefined ? 'NO_KEY' : isOverdue ? 'OVERDUE' : undefined,
    }
  })
}

export function describeStatus(status: readonly AlgorithmStatus[]): string {
  return status
    .map(({ algorithm, signs, since, next, nextSigns, fault }) =>
      [
        `${algorithm}${fault === undefined ? '' : `  ${fault}`}`,
        `  signs  ${signs ?? '—'}${since === undefined ? '' : `  since ${since.toISOString()}`}`,
        `  next   ${next ?? 'not made yet'}${nextSigns === undefined ? '' : `  signs from ${nextSigns.toISOString()}`}`,
      ].join('\n'),
    )
    .join('\n')
}

export function describeKeys(keys: readonly StoredSigningKey[]): string {
  if (keys.length === 0) return 'no key was made yet: the server makes them when it starts'
  return keys.map((key) => [key.kid, key.algorithm, key.state, ...datesOf(key)].join('\t')).join('\n')
}

/** Without the private half, sealed or not. */
export function toJson({ sealedPrivateJwk: _sealed, ...key }: StoredSigningKey): object {
  return { ...key, isErased: _sealed === undefined }
}

export function describeMoves(moves: readonly KeyMove[]): string {
  if (moves.length === 0)
    return 'nothing new: the next key is published already; “sekisho key status” says when it signs'
  return moves.map(({ move, kid, algorithm }) => `${move}\t${algorithm}\t${kid}`).join('\n')
}

function datesOf(key: StoredSigningKey): string[] {
  switch (key.state) {
    case 'published':
      return [`signs from ${key.activatesAt?.toISOString() ?? '—'}`]
    case 'active':
      return [`since ${key.activatedAt?.toISOString() ?? '—'}`]
    case 'retired':
      return [
        isInJwks(key, new Date())
          ? `in the JWKS until ${key.publishedUntil?.toISOString() ?? '—'}`
          : `left the JWKS at ${key.publishedUntil?.toISOString() ?? '—'}`,
      ]
  }
}
