import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: nonce ‖ ciphertext ‖ tag.
 *
 * @param key 32 bytes, as an object: with the bytes themselves every box would import them anew, at three times the cost
 * @param purpose bound as additional data: a box sealed for one purpose or row does not open for another
 * @param random so many octets that nobody can guess, and never the same
 */
export function seal(
  key: KeyObject,
  purpose: string,
  plain: Uint8Array,
  random: (octets: number) => Uint8Array = randomBytes,
): Buffer {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws Error when the box was changed, or sealed with another key or for another purpose */
export function open(key: KeyObject, purpose: string, box: Uint8Array): Buffer {
  if (box.length < NONCE_BYTES + TAG_BYTES) throw new Error('sealed box is too short')
  const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}
