import { decodeOctetsOfBits } from '../der/decode-bits.ts'
import { checkPositiveInteger, decodeSmallInteger } from '../der/decode-integer.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { sameBytes } from '../der/same-bytes.ts'
import { TAG } from '../der/tags.ts'

/** What a key is, as far as an allow list needs to know. */
export type PublicKeyShape =
  | { readonly type: 'rsa'; readonly modulusBits: number; readonly modulusIsOdd: boolean; readonly exponent: number }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384' }
  | { readonly type: 'other' }

export interface SubjectPublicKey {
  /** SubjectPublicKeyInfo as it stands. */
  readonly spkiDer: Uint8Array
  /** Octets of the subjectPublicKey BIT STRING: what key identifiers are digests of (RFC 5280 §4.2.1.2, RFC 6960 §4.1.1). */
  readonly keyOctets: Uint8Array
  readonly shape: PublicKeyShape
}

/** AlgorithmIdentifier, parameters included: RFC 3279 §2.3.1 (NULL is required), RFC 5480 §2.1.1 (named curves only). */
const RSA_ENCRYPTION = Buffer.from('300d06092a864886f70d0101010500', 'hex')
const EC_P256 = Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex')
const EC_P384 = Buffer.from('301006072a8648ce3d020106052b81040022', 'hex')

/** Anything from 2³² on is a curiosity, and costs time to raise to. */
const MAX_EXPONENT_OCTETS = 5

/** Octets of an uncompressed point (SEC 1 §2.3.3). */
const EC_POINT_OCTETS = { 'P-256': 65, 'P-384': 97 } as const

/** @throws DerFault when it is not a SubjectPublicKeyInfo, or an RSA key or point inside is malformed */
export function readPublicKey(reader: DerReader): SubjectPublicKey {
  const at = reader.offset
  const spkiDer = reader.readWhole(TAG.sequence)
  const spki = reader.over(spkiDer).enter(TAG.sequence)
  const algorithm = spki.readWhole(TAG.sequence)
  const keyOctets = decodeOctetsOfBits(spki.read(TAG.bitString))
  spki.finish()
  return { spkiDer, keyOctets, shape: readShape(algorithm, keyOctets, at) }
}

function readShape(algorithm: Uint8Array, keyOctets: Uint8Array, at: number): PublicKeyShape {
  if (sameBytes(algorithm, RSA_ENCRYPTION)) return readRsaKey(keyOctets, at)
  if (sameBytes(algorithm, EC_P256)) return pointOn('P-256', keyOctets, at)
  if (sameBytes(algorithm, EC_P384)) return pointOn('P-384', keyOctets, at)
  return { type: 'other' }
}

function readRsaKey(octets: Uint8Array, at: number): PublicKeyShape {
  const outer = new DerReader(octets)
  const key = outer.enter(TAG.sequence)
  outer.finish()
  const modulus = checkPositiveInteger(key.read(TAG.integer))
  const exponent = checkPositiveInteger(key.read(TAG.integer))
  key.finish()
  if (exponent.length > MAX_EXPONENT_OCTETS) throw new DerFault('bad-integer', at)
  const leading = modulus[0] === 0 ? 1 : 0
  const modulusBits = (modulus.length - leading) * 8 - Math.clz32((modulus[leading] as number) << 24)
  return {
    type: 'rsa',
    modulusBits,
    modulusIsOdd: ((modulus[modulus.length - 1] as number) & 1) === 1,
    exponent: decodeSmallInteger(exponent, Number.MAX_SAFE_INTEGER),
  }
}

function pointOn(curve: 'P-256' | 'P-384', octets: Uint8Array, at: number): PublicKeyShape {
  if (octets.length !== EC_POINT_OCTETS[curve] || octets[0] !== 0x04) throw new DerFault('bad-bit-string', at)
  return { type: 'ec', curve }
}
