import type { AnchorPurpose } from '../profile/certificate-profile.ts'
import { EC_P384 } from '../profile/key-rules.ts'
import { jpkiAuthenticationProfile, jpkiSignatureProfile } from '../profile/jpki-profiles.ts'
import { TrustAnchorsRefused, type AnchorFault } from './anchor-fault.ts'
import { readJpkiAnchor } from './read-jpki-anchor.ts'
import type { AnchorFile, TrustAnchor, TrustAnchors } from './trust-anchor.ts'

export interface TrustAnchorFiles {
  readonly authentication: readonly AnchorFile[]
  readonly signature: readonly AnchorFile[]
  /** Whether roots that are not the national PKI's may be trusted: {@link virtualAnchorsAllowed}. */
  readonly trustVirtual: boolean
  /** Key identifiers (hexadecimal) of generations that JPKI published after this program was written. */
  readonly additionalKeyIds?: readonly string[]
}

/** A next-generation root may have a P-384 key; what its leaves may have is the profile's matter. */
const ANCHOR_RULES = {
  authentication: jpkiAuthenticationProfile({ additionalKeys: [EC_P384] }),
  signature: jpkiSignatureProfile({ additionalKeys: [EC_P384] }),
} as const

/**
 * The two stores of trust anchors, from certificates an operator put there. Expired roots are kept: a certificate below one of them
 * is refused as such, not as unknown.
 *
 * @throws TrustAnchorsRefused with every fault at once
 */
export function loadTrustAnchors(files: TrustAnchorFiles): TrustAnchors {
  const faults: AnchorFault[] = []
  const load = (purpose: AnchorPurpose): readonly TrustAnchor[] =>
    files[purpose].flatMap((file) => {
      const anchor = readJpkiAnchor(file, ANCHOR_RULES[purpose], (files.additionalKeyIds ?? []).map(plainHex))
      if (typeof anchor !== 'string' && (!anchor.isVirtual || files.trustVirtual)) return [anchor]
      faults.push({ name: file.name, reason: typeof anchor === 'string' ? anchor : 'virtual' })
      return []
    })
  const anchors = { authentication: load('authentication'), signature: load('signature') }
  if (faults.length > 0) throw new TrustAnchorsRefused(faults)
  return anchors
}

/** Virtual roots are for development: in production only a switch named for the harm lets them in. */
export function virtualAnchorsAllowed(environment: {
  readonly NODE_ENV?: string | undefined
  readonly UNSAFE_TRUST_VIRTUAL_JPKI?: string | undefined
}): boolean {
  return environment.NODE_ENV !== 'production' || environment.UNSAFE_TRUST_VIRTUAL_JPKI === '1'
}

function plainHex(text: string): string {
  return text.replaceAll(':', '').toLowerCase()
}
