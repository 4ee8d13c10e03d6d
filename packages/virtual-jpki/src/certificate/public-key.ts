import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

import { readChildren, readElement } from '../der/read-der.ts'

/** DER of the SubjectPublicKeyInfo that belongs to a private key. */
export const publicKeyDerOf = (privateKey: KeyObject): Buffer =>
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' })

/** Content of subjectPublicKey without the octet that counts unused bits: what key hashes are made of. */
export function subjectPublicKeyOctets(publicKeyDer: Uint8Array): Buffer {
  const [, bits] = readChildren(readElement(Buffer.from(publicKeyDer)).content)
  return bits === undefined ? Buffer.alloc(0) : bits.content.subarray(1)
}

/** RFC 5280 §4.2.1.2 method (1). */
export const keyIdOf = (publicKeyDer: Uint8Array): Buffer =>
  createHash('sha1').update(subjectPublicKeyOctets(publicKeyDer)).digest()
