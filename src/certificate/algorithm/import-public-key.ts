import { createPublicKey, type KeyObject } from 'node:crypto'

/**
 * A key object from a SubjectPublicKeyInfo whose structure was already read strictly.
 *
 * @returns undefined when OpenSSL will not have it: a point off its curve, a modulus that is none
 */
export function importPublicKey(spkiDer: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({
      key: Buffer.from(spkiDer.buffer, spkiDer.byteOffset, spkiDer.length),
      format: 'der',
      type: 'spki',
    })
  } catch {
    return undefined
  }
}
