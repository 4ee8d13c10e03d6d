import { constants, sign, type KeyObject } from 'node:crypto'

import { constructedContext, integer, nullValue, oid, sequence } from '../der/encode-der.ts'

export const SIGNATURE_ALGORITHMS = [
  'sha256WithRSA',
  'sha1WithRSA',
  'md5WithRSA',
  'sha384WithRSA',
  'sha512WithRSA',
  'sha256WithRSAPSS',
  'ecdsaWithSHA256',
  'ecdsaWithSHA384',
  'ed25519',
] as const
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

const HASH = {
  sha256WithRSA: 'sha256',
  sha1WithRSA: 'sha1',
  md5WithRSA: 'md5',
  sha384WithRSA: 'sha384',
  sha512WithRSA: 'sha512',
  sha256WithRSAPSS: 'sha256',
  ecdsaWithSHA256: 'sha256',
  ecdsaWithSHA384: 'sha384',
  ed25519: null,
} as const satisfies Record<SignatureAlgorithm, string | null>

const OID_OF = {
  sha256WithRSA: '1.2.840.113549.1.1.11',
  sha1WithRSA: '1.2.840.113549.1.1.5',
  md5WithRSA: '1.2.840.113549.1.1.4',
  sha384WithRSA: '1.2.840.113549.1.1.12',
  sha512WithRSA: '1.2.840.113549.1.1.13',
  sha256WithRSAPSS: '1.2.840.113549.1.1.10',
  ecdsaWithSHA256: '1.2.840.10045.4.3.2',
  ecdsaWithSHA384: '1.2.840.10045.4.3.3',
  ed25519: '1.3.101.112',
} as const satisfies Record<SignatureAlgorithm, string>

const SALT_OCTETS = 32

/** RFC 4055 §3.1: RSASSA-PSS-params with SHA-256 for both hash functions. */
function pssParameters(): Buffer {
  const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nullValue())
  const mgf1 = sequence(oid('1.2.840.113549.1.1.8'), sha256)
  return sequence(
    constructedContext(0, sha256),
    constructedContext(1, mgf1),
    constructedContext(2, integer(SALT_OCTETS)),
  )
}

/** AlgorithmIdentifier: NULL parameters for PKCS #1 v1.5 (RFC 4055 §5), none for ECDSA and EdDSA. */
export function encodeSignatureAlgorithm(name: SignatureAlgorithm): Buffer {
  if (name === 'sha256WithRSAPSS') return sequence(oid(OID_OF[name]), pssParameters())
  const parameters = name.endsWith('WithRSA') ? [nullValue()] : []
  return sequence(oid(OID_OF[name]), ...parameters)
}

/** Signature octets as they go into a BIT STRING. */
export function signBytes(name: SignatureAlgorithm, bytes: Uint8Array, key: KeyObject): Buffer {
  if (name !== 'sha256WithRSAPSS') return sign(HASH[name], bytes, key)
  return sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_OCTETS })
}

/** What a CA with this key signs with when nobody orders otherwise. */
export function defaultSignatureAlgorithm(key: KeyObject): SignatureAlgorithm {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519'
  if (key.asymmetricKeyType !== 'ec') return 'sha256WithRSA'
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'ecdsaWithSHA384' : 'ecdsaWithSHA256'
}
