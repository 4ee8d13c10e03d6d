import { createPublicKey, type KeyObject } from 'node:crypto'
import type { SubjectPublicKey } from '../x509/read-public-key.ts'
import { publicKeyPem } from './public-key-pem.ts'

/**
 * A key object from a SubjectPublicKeyInfo whose structure was already read strictly.
 *
 * @returns undefined when OpenSSL will not have it: a point off its curve
 */
export function importPublicKey(key: SubjectPublicKey): KeyObject | undefined {
  if (key.shape.type === 'other') return undefined
  try {
    return createPublicKey(publicKeyPem(key))
  } catch {
    return undefined
  }
}
