import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'

import { findPrime } from './find-prime.ts'
import type { ByteStream } from './hmac-drbg.ts'

/**
 * DETERMINISTIC KEYS ARE FOR VIRTUAL CARDS ONLY. Node cannot generate an RSA key from a seed (and should not); this file can,
 * because a persona must be the same person on every start and on every machine. Never use it for a key that protects anything.
 */
export const KEY_ALGORITHMS = [
  'rsa-2048',
  'rsa-1024',
  'rsa-1536',
  'rsa-3072',
  'rsa-4096',
  'rsa-2048-e3',
  'ec-p256',
  'ec-p384',
  'ed25519',
] as const
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number]

const EC_CURVES = {
  'ec-p256': { jwk: 'P-256', openssl: 'prime256v1', octets: 32 },
  'ec-p384': { jwk: 'P-384', openssl: 'secp384r1', octets: 48 },
} as const

/** RFC 8410 §7: everything of a PKCS #8 Ed25519 key but its 32 secret octets. */
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A private key that depends on the stream alone. */
export async function generateDeterministicKey(stream: ByteStream, algorithm: KeyAlgorithm): Promise<KeyObject> {
  switch (algorithm) {
    case 'ec-p256':
    case 'ec-p384':
      return generateEcKey(stream, EC_CURVES[algorithm])
    case 'ed25519': {
      const der = Buffer.concat([ED25519_PKCS8_PREFIX, stream.take(32)])
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    }
    case 'rsa-2048-e3':
      return generateRsaKey(stream, 2048, 3n)
    case 'rsa-1024':
    case 'rsa-1536':
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return generateRsaKey(stream, Number(algorithm.slice('rsa-'.length)), 65537n)
  }
}

async function generateRsaKey(stream: ByteStream, bits: number, e: bigint): Promise<KeyObject> {
  const first = await findPrime(stream, bits / 2, e)
  let second = await findPrime(stream, bits / 2, e)
  while (second === first) second = await findPrime(stream, bits / 2, e)
  const [p, q] = first > second ? [first, second] : [second, first]
  const d = inverse(e, leastCommonMultiple(p - 1n, q - 1n))
  const octets = bits / 8
  const jwk = {
    kty: 'RSA',
    n: base64url(p * q, octets),
    e: base64url(e, e === 3n ? 1 : 3),
    d: base64url(d, octets),
    p: base64url(p, octets / 2),
    q: base64url(q, octets / 2),
    dp: base64url(d % (p - 1n), octets / 2),
    dq: base64url(d % (q - 1n), octets / 2),
    qi: base64url(inverse(q, p), octets / 2),
  }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}

function generateEcKey(stream: ByteStream, curve: (typeof EC_CURVES)[keyof typeof EC_CURVES]): KeyObject {
  for (;;) {
    const d = stream.take(curve.octets)
    const ecdh = createECDH(curve.openssl)
    try {
      ecdh.setPrivateKey(d)
    } catch {
      continue // outside [1, n): as good as never, but possible
    }
    const point = ecdh.getPublicKey()
    const jwk = {
      kty: 'EC',
      crv: curve.jwk,
      d: d.toString('base64url'),
      x: point.subarray(1, 1 + curve.octets).toString('base64url'),
      y: point.subarray(1 + curve.octets).toString('base64url'),
    }
    return createPrivateKey({ key: jwk, format: 'jwk' })
  }
}

function base64url(value: bigint, octets: number): string {
  return Buffer.from(value.toString(16).padStart(octets * 2, '0'), 'hex').toString('base64url')
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b
}

/** The inverse of `value` modulo `modulus`, by the extended Euclidean algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [oldR, r, oldS, s] = [value % modulus, modulus, 1n, 0n]
  while (r !== 0n) {
    const quotient = oldR / r
    ;[oldR, r] = [r, oldR - quotient * r]
    ;[oldS, s] = [s, oldS - quotient * s]
  }
  return ((oldS % modulus) + modulus) % modulus
}
