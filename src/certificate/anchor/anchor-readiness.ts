import type { AnchorPurpose } from '../profile/certificate-profile.ts'
import { placeInValidity } from '../x509/validity.ts'
import type { TrustAnchors } from './trust-anchor.ts'

/** J-LIS publishes a new generation years ahead; an operator needs a month at most to put it in place. */
const WARN_BEFORE_MS = 30 * 24 * 60 * 60 * 1000

export interface AnchorReadiness {
  readonly purpose: AnchorPurpose
  /** `unready`: nobody can log in. `ending`: the last usable anchor ends within 30 days. */
  readonly state: 'ready' | 'ending' | 'unready'
  /** When the last anchor that is usable now will end; `undefined` when none is. */
  readonly lastUsableUntil: Date | undefined
}

/** How long log-in can go on with the anchors that are there, for a readiness endpoint and `trust check`. */
export function describeAnchorReadiness(anchors: TrustAnchors, purpose: AnchorPurpose, now: Date): AnchorReadiness {
  const usable = anchors[purpose].filter(({ certificate }) => placeInValidity(certificate, now.getTime()) === 'within')
  if (usable.length === 0) return { purpose, state: 'unready', lastUsableUntil: undefined }
  const lastMs = Math.max(...usable.map(({ certificate }) => certificate.notAfter))
  const state = lastMs - now.getTime() < WARN_BEFORE_MS ? 'ending' : 'ready'
  return { purpose, state, lastUsableUntil: new Date(lastMs) }
}
