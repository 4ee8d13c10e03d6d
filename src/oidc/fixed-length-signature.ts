import { checkPositiveInteger } from '../certificate/der/decode-integer.ts'
import { DerReader } from '../certificate/der/der-reader.ts'
import { TAG } from '../certificate/der/tags.ts'

/** Octets of a coordinate of P-256. */
const HALF = 32

/**
 * An ECDSA signature on P-256 as JOSE writes it: R ‖ S, each of 32 octets (RFC 7518 §3.4), from a SEQUENCE of two INTEGERs (RFC 3279
 * §2.2.3). Node does this too when it is asked for it by an option, and takes half as long for it as for the signature.
 *
 * @throws DerFault, RangeError when it is no such signature
 */
export function toFixedLength(der: Uint8Array): Uint8Array {
  const outer = new DerReader(der)
  const pair = outer.enter(TAG.sequence)
  outer.finish()
  const fixed = new Uint8Array(2 * HALF)
  for (const end of [HALF, 2 * HALF]) {
    const integer = checkPositiveInteger(pair.read(TAG.integer))
    // a leading zero says that the number is positive
    const number = integer[0] === 0 ? integer.subarray(1) : integer
    if (number.length > HALF) throw new RangeError('larger than a number of P-256')
    fixed.set(number, end - number.length)
  }
  pair.finish()
  return fixed
}
