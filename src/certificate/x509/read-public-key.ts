import { decodeOctetsOfBits } from '../der/decode-bits.ts'
import { checkPositiveInteger } from '../der/decode-integer.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG } from '../der/tags.ts'

/** What a key is, as far as an allow list needs to know. */
export type PublicKeyShape =
  | { readonly type: 'rsa'; readonly modulusBits: number; readonly modulusIsOdd: boolean; readonly exponent: bigint }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384' }
  | { readonly type: 'other' }

export interface SubjectPublicKey {
  /** SubjectPublicKeyInfo as it stands. */
  readonly spkiDer: Uint8Array
  /** Octets of the subjectPublicKey BIT STRING: what key identifiers are digests of (RFC 5280 §4.2.1.2, RFC 6960 §4.1.1). */
  readonly keyOctets: Uint8Array
  readonly shape: PublicKeyShape
}

/** AlgorithmIdentifier, parameters included, in hexadecimal: RFC 3279 §2.3.1 (NULL is required), RFC 5480 §2.1.1 (named curves only). */
const RSA_ENCRYPTION = '300d06092a864886f70d0101010500'
const EC_P256 = '301306072a8648ce3d020106082a8648ce3d030107'
const EC_P384 = '301006072a8648ce3d020106052b81040022'

/** Octets of an uncompressed point (SEC 1 §2.3.3). */
const EC_POINT_OCTETS = { 'P-256': 65, 'P-384': 97 } as const

/** @throws DerFault when it is not a SubjectPublicKeyInfo, or an RSA key or point inside is malformed */
export function readPublicKey(reader: DerReader): SubjectPublicKey {
  const at = reader.offset
  const spkiDer = reader.readWhole(TAG.sequence)
  const spki = reader.over(spkiDer).enter(TAG.sequence)
  const algorithm = Buffer.from(spki.readWhole(TAG.sequence)).toString('hex')
  const keyOctets = decodeOctetsOfBits(spki.read(TAG.bitString))
  spki.finish()
  switch (algorithm) {
    case RSA_ENCRYPTION:
      return { spkiDer, keyOctets, shape: readRsaKey(keyOctets, at) }
    case EC_P256:
      return { spkiDer, keyOctets, shape: pointOn('P-256', keyOctets, at) }
    case EC_P384:
      return { spkiDer, keyOctets, shape: pointOn('P-384', keyOctets, at) }
    default:
      return { spkiDer, keyOctets, shape: { type: 'other' } }
  }
}

function readRsaKey(octets: Uint8Array, at: number): PublicKeyShape {
  const outer = new DerReader(octets)
  const key = outer.enter(TAG.sequence)
  outer.finish()
  const modulus = checkPositiveInteger(key.read(TAG.integer))
  const exponent = checkPositiveInteger(key.read(TAG.integer))
  key.finish()
  if (exponent.length > 32) throw new DerFault('bad-integer', at)
  const leading = modulus[0] === 0 ? 1 : 0
  const modulusBits = (modulus.length - leading) * 8 - Math.clz32((modulus[leading] as number) << 24)
  return {
    type: 'rsa',
    modulusBits,
    modulusIsOdd: ((modulus[modulus.length - 1] as number) & 1) === 1,
    exponent: BigInt(`0x${Buffer.from(exponent).toString('hex')}`),
  }
}

function pointOn(curve: 'P-256' | 'P-384', octets: Uint8Array, at: number): PublicKeyShape {
  if (octets.length !== EC_POINT_OCTETS[curve] || octets[0] !== 0x04) throw new DerFault('bad-bit-string', at)
  return { type: 'ec', curve }
}
