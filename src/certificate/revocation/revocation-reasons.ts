import { decodeSmallInteger } from '../der/decode-integer.ts'
import { DerFault } from '../der/der-fault.ts'

/** CRLReason by number; 7 is not assigned, 8 belongs to delta CRLs only (RFC 5280 §5.3.1). */
const REASONS: Readonly<Record<number, string>> = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
}

/** Content of the ENUMERATED. @throws DerFault for a number that does not revoke, removeFromCRL among them */
export function decodeReason(content: Uint8Array): string {
  const reason = REASONS[decodeSmallInteger(content)]
  if (reason === undefined) throw new DerFault('not-conforming', 0)
  return reason
}
