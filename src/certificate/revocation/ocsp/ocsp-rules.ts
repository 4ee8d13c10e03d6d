import { EC_P256, EC_P384, RSA_2048_TO_4096 } from '../../profile/key-rules.ts'
import type { KeyRule } from '../../profile/certificate-profile.ts'

/** Whose and how old an OCSP answer may be. */
export interface OcspRules {
  /**
   * `required`: sent, and must come back. `optional`: sent, may be missing, must not differ. `none`: not sent, must not come back:
   * pre-produced answers of RFC 5019. `ignored`: an answer from a file, asked for by somebody else.
   */
  readonly nonce: 'required' | 'optional' | 'none' | 'ignored'
  /** How far the responder's clock may be from ours. */
  readonly skewMs: number
  /** How old `thisUpdate` may be, whatever `nextUpdate` says. */
  readonly maxAgeMs: number
}

/** The national responder's data is renewed every 15 minutes (jpki.md §4.1). */
export const DEFAULT_OCSP_RULES: OcspRules = { nonce: 'required', skewMs: 60_000, maxAgeMs: 60 * 60_000 }

/** Keys a delegated responder may have. */
export const OCSP_RESPONDER_KEYS: readonly KeyRule[] = [RSA_2048_TO_4096, EC_P256, EC_P384]
